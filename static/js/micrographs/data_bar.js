// The upper edge of the data bar over the viewer's image: what lies below is shaded, and the edge can be dragged, or
// moved by the arrow keys.
import { clamp, containedImage, pointInMaster } from "./geometry.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10 }; // rows
const form = document.querySelector("#data-bar-form");
const frame = document.querySelector(".viewer-frame");
if (form && frame) start();

function start() {
  const stage = frame.querySelector(".viewer-stage");
  const image = stage.querySelector("img");
  const field = form.elements.data_bar_top;
  const [width, height] = [Number(frame.dataset.width), Number(frame.dataset.height)];
  const shade = document.createElement("div");
  shade.className = "data-bar-edge";
  Object.assign(shade, {
    tabIndex: 0,
    role: "slider",
    ariaLabel: field.labels[0].textContent,
    ariaOrientation: "vertical",
  });
  Object.assign(shade, { ariaValueMin: 1, ariaValueMax: height - 1 });
  stage.append(shade);

  // In the stage's own pixels, whatever the zoom.
  const placed = () => containedImage({ width: stage.clientWidth, height: stage.clientHeight }, { width, height });
  const draw = () => {
    const row = Number(field.value);
    shade.hidden = !(row > 0 && row < height);
    if (shade.hidden) return;
    shade.ariaValueNow = row;
    const { scale, left, top } = placed();
    Object.assign(shade.style, {
      left: `${left}px`,
      right: `${left}px`,
      top: `${top + row * scale}px`,
      bottom: `${top}px`,
    });
  };
  const rowAt = (event) => Math.round(pointInMaster(event, image.getBoundingClientRect(), { width, height })[1]);
  const move = (row) => {
    field.value = clamp(row, 1, height - 1);
    draw();
  };

  shade.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    shade.setPointerCapture(event.pointerId);
  });
  shade.addEventListener("pointermove", (event) => {
    if (!shade.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    move(rowAt(event));
  });
  shade.addEventListener("keydown", (event) => {
    if (!STEPS[event.key]) return;
    event.preventDefault();
    move(Number(field.value) + STEPS[event.key]);
  });
  field.addEventListener("input", draw);
  new ResizeObserver(draw).observe(stage);
  draw();
}
