// Draws a rectangle to be masked: a drag over the viewer's image fills in the four number fields, and they show it.
import { pointInMaster, rectangleBetween } from "./geometry.js";

const form = document.querySelector("#masked-form");
const frame = document.querySelector(".viewer-frame");
if (form && frame) start();

function start() {
  const image = frame.querySelector("img");
  const overlay = frame.querySelector(".masked-overlay");
  const button = form.querySelector("#draw-masked");
  const fields = ["x", "y", "width", "height"].map((name) => form.elements[name]);
  const master = { width: Number(frame.dataset.width), height: Number(frame.dataset.height) };
  const draft = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  draft.classList.add("masked-draft");
  overlay.append(draft);
  button.hidden = false;
  let first = null;

  const isDrawing = () => button.getAttribute("aria-pressed") === "true";
  const draw = (on) => {
    button.setAttribute("aria-pressed", String(on));
    frame.classList.toggle("drawing", on);
    first = null;
  };
  const show = () => {
    for (const field of fields) draft.setAttribute(field.name, Math.max(0, Number(field.value)));
  };
  const reach = (event) => {
    const rectangle = rectangleBetween(first, pointInMaster(event, image.getBoundingClientRect(), master), master);
    for (const field of fields) field.value = rectangle[field.name];
    show();
  };

  button.addEventListener("click", () => {
    draw(!isDrawing());
    frame.scrollIntoView({ block: "nearest" });
  });
  // Before the viewer, which pans, and the edge of the data bar, which moves
  const listen = (name, handle) =>
    frame.addEventListener(
      name,
      (event) => {
        if (!isDrawing()) return;
        event.stopImmediatePropagation();
        handle(event);
      },
      { capture: true },
    );
  listen("pointerdown", (event) => {
    frame.setPointerCapture(event.pointerId);
    first = pointInMaster(event, image.getBoundingClientRect(), master);
  });
  listen("pointermove", (event) => {
    if (first) reach(event);
  });
  listen("pointerup", (event) => {
    if (!first) return;
    reach(event);
    draw(false);
    form.querySelector(".primary").focus();
  });
  listen("pointercancel", () => draw(false));
  form.addEventListener("input", show);
}
