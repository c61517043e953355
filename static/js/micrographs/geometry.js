// Where a micrograph lies on the screen, and lengths in it. An image with object-fit: contain lies in the middle of its
// box and may be smaller than it. Sizes are {width, height}; `master` is the stored file, in its own pixels.
export const MICROMETRES = { nm: 1e-3, µm: 1, mm: 1e3 };

export const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

// Box pixels for one pixel of the master, and the image's left and top edge inside the box.
export function containedImage(box, master) {
  const scale = Math.min(box.width / master.width, box.height / master.height);
  return { scale, left: (box.width - master.width * scale) / 2, top: (box.height - master.height * scale) / 2 };
}

// A point of the screen, {clientX, clientY}, as [x, y] in the master; `box` is the image's DOMRect.
export function pointInMaster({ clientX, clientY }, box, master) {
  const { scale, left, top } = containedImage(box, master);
  const x = (clientX - box.left - left) / scale;
  const y = (clientY - box.top - top) / scale;
  return [clamp(x, 0, master.width), clamp(y, 0, master.height)];
}

// The whole pixels between two points of the master, at least one each way, as {x, y, width, height}.
export function rectangleBetween([x1, y1], [x2, y2], master) {
  const x = clamp(Math.floor(Math.min(x1, x2)), 0, master.width - 1);
  const y = clamp(Math.floor(Math.min(y1, y2)), 0, master.height - 1);
  const width = clamp(Math.ceil(Math.max(x1, x2)) - x, 1, master.width - x);
  return { x, y, width, height: clamp(Math.ceil(Math.max(y1, y2)) - y, 1, master.height - y) };
}

// Pixels per micrometre of a bar of `pixels` that stands for `length` of `unit`; null where that makes no scale.
export function scaleOfBar(pixels, length, unit) {
  const scale = pixels / (length * MICROMETRES[unit]);
  return Number.isFinite(scale) && scale > 0 ? scale : null;
}
