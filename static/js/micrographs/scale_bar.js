// A scale bar over a micrograph: a round length in nm, µm or mm at the size at which the image is shown right now.
//
// <figure data-scale-bar data-width="1200" data-height="1000" data-pixels-per-micrometre="3.2"><img …></figure>
// data-width and data-height are the master's, in pixels: the shown image may be smaller. Without a scale, no bar.
// After changing these attributes, or after zooming without a change of layout, call the returned function.
import { containedImage } from "./geometry.js";

const SHARE = 0.25; // of the visible width, at most

// The largest 1, 2 or 5 times a power of ten that is not over `most`.
export function roundLength(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return power * [5, 2, 1].find((step) => step * power <= most * (1 + 1e-9));
}

export function lengthText(micrometres) {
  const [value, unit] =
    micrometres < 1
      ? [micrometres * 1000, "nm"]
      : micrometres < 1000
        ? [micrometres, "µm"]
        : [micrometres / 1000, "mm"];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

function screenPixelsPerMicrometre(figure, image) {
  const { width, height, pixelsPerMicrometre } = figure.dataset;
  if (!pixelsPerMicrometre || !width) return null;
  const box = image.getBoundingClientRect();
  const { scale } = containedImage(box, { width, height });
  return scale ? Number(pixelsPerMicrometre) * scale : null;
}

export function attachScaleBar(figure) {
  const image = figure.querySelector("img");
  const bar = document.createElement("div");
  bar.className = "scale-bar";
  const text = bar.appendChild(document.createElement("span"));
  const line = bar.appendChild(document.createElement("span"));
  line.className = "scale-bar-line";
  figure.append(bar);

  const update = () => {
    const scale = screenPixelsPerMicrometre(figure, image);
    bar.hidden = !scale;
    if (!scale) return;
    const room = Math.min(figure.clientWidth, image.getBoundingClientRect().width) * SHARE;
    const length = roundLength(room / scale);
    text.textContent = lengthText(length);
    line.style.width = `${length * scale}px`;
  };
  image.addEventListener("load", update);
  new ResizeObserver(update).observe(figure);
  update();
  return update;
}
