// Measures the micron bar: two clicks on the viewer's image give its length in pixels of the master.
import { pointInMaster, scaleOfBar } from "./geometry.js";

const SLACK = 4; // screen pixels that a pointer may move before its click is a drag
const form = document.querySelector("#micron-bar-form");
const frame = document.querySelector(".viewer-frame");
if (form && frame) start();

function start() {
  const image = frame.querySelector("img");
  const stage = frame.querySelector(".viewer-stage");
  const button = form.querySelector("#measure");
  const result = form.querySelector("#micron-bar-result");
  const [pixels, length, unit] = ["bar_pixels", "bar_length", "unit"].map((name) => form.elements[name]);
  const width = Number(frame.dataset.width);
  const height = Number(frame.dataset.height);
  let ends = [];
  let pressed = null;

  const overlay = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
  overlay.classList.add("measure-overlay");
  stage.append(overlay);
  button.hidden = false;

  const measuring = (on) => {
    button.setAttribute("aria-pressed", String(on));
    frame.classList.toggle("measuring", on);
  };
  const shape = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    overlay.append(element);
  };
  const draw = () => {
    overlay.replaceChildren();
    const tick = height / 40;
    for (const [x, y] of ends) shape("line", { x1: x, x2: x, y1: y - tick, y2: y + tick });
    if (ends.length === 2) shape("line", { x1: ends[0][0], y1: ends[0][1], x2: ends[1][0], y2: ends[1][1] });
  };
  const inMaster = (event) => pointInMaster(event, image.getBoundingClientRect(), { width, height });
  const showScale = () => {
    const scale = scaleOfBar(pixels.value, length.value, unit.value);
    result.textContent = scale ? `= ${Number(scale.toPrecision(4))} px/µm` : "";
  };

  button.addEventListener("click", () => {
    ends = [];
    draw();
    measuring(button.getAttribute("aria-pressed") !== "true");
    frame.scrollIntoView({ block: "nearest" });
  });
  frame.addEventListener("pointerdown", (event) => {
    pressed = event;
  });
  frame.addEventListener("pointerup", (event) => {
    const still = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) <= SLACK;
    if (!still || !frame.classList.contains("measuring")) return;
    ends = ends.length === 2 ? [inMaster(event)] : [...ends, inMaster(event)];
    draw();
    if (ends.length < 2) return;
    pixels.value = Math.hypot(ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]).toFixed(1);
    measuring(false);
    showScale();
    length.focus();
  });
  form.addEventListener("input", showScale);
}
