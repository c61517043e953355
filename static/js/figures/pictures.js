// An SVG of a page as a file that looks the same without the page's style sheets.
import { colour } from "../core/tokens.js";

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "text-anchor"];

function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  const parts = [drawing, ...drawing.querySelectorAll("*")];
  for (const [index, part] of [copy, ...copy.querySelectorAll("*")].entries()) {
    const seen = getComputedStyle(parts[index]);
    for (const name of KEPT) part.setAttribute(name, seen.getPropertyValue(name));
  }
  const { x, y, width, height } = drawing.viewBox.baseVal;
  const ground = document.createElementNS(copy.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height, fill: colour("--surface") })) {
    ground.setAttribute(name, value);
  }
  copy.prepend(ground);
  copy.setAttribute("width", drawing.clientWidth);
  copy.setAttribute("height", drawing.clientHeight);
  return copy;
}

export const vector = (drawing) => new XMLSerializer().serializeToString(standalone(drawing));

export async function picture(drawing, scale) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(vector(drawing))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
