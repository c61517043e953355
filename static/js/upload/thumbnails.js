// Small pictures of files that were not sent yet, one after another. Browsers read no TIFF: its server does, later.
const READABLE = /\.(png|jpe?g|webp|bmp)$/i;
const LARGEST = 50e6; // bytes
const WIDTH = 128;

let last = Promise.resolve();

export const isReadable = (name) => READABLE.test(name);

// Resolves to a canvas, or to null where there is no picture or nobody wants it any more.
export function drawThumbnail(read, isWanted) {
  last = last.then(async () => (isWanted() ? draw(read) : null)).catch(() => null);
  return last;
}

async function draw(read) {
  const file = await read();
  if (file.size > LARGEST) return null;
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: "medium" });
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}
