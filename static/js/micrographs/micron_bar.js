// Measuring the micron bar: two clicks on the viewer's image give the length of the bar in pixels of the master.
const SLACK = 4; // screen pixels a click may wander before it is a drag
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
  const MICROMETRES = { nm: 1e-3, µm: 1, mm: 1e3 };
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
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    overlay.append(element);
  };
  const draw = () => {
    overlay.replaceChildren();
    const tick = height / 40;
    for (const [x, y] of ends) shape("line", { x1: x, x2: x, y1: y - tick, y2: y + tick });
    if (ends.length === 2) shape("line", { x1: ends[0][0], y1: ends[0][1], x2: ends[1][0], y2: ends[1][1] });
  };
  // From the screen to the master's pixels; with object-fit: contain the image lies in the middle of its box.
  const inMaster = ({ clientX, clientY }) => {
    const box = image.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height);
    const x = (clientX - box.left - (box.width - width * scale) / 2) / scale;
    const y = (clientY - box.top - (box.height - height * scale) / 2) / scale;
    return [Math.max(0, Math.min(width, x)), Math.max(0, Math.min(height, y))];
  };
  const tell = () => {
    const scale = pixels.value / (length.value * MICROMETRES[unit.value]);
    result.textContent = Number.isFinite(scale) && scale > 0 ? `= ${Number(scale.toPrecision(4))} px/µm` : "";
  };

  button.addEventListener("click", () => {
    ends = [];
    draw();
    measuring(button.getAttribute("aria-pressed") !== "true");
    frame.scrollIntoView({ block: "nearest" });
  });
  frame.addEventListener("pointerdown", (event) => (pressed = event));
  frame.addEventListener("pointerup", (event) => {
    const still = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) <= SLACK;
    if (!still || !frame.classList.contains("measuring")) return;
    ends = ends.length === 2 ? [inMaster(event)] : [...ends, inMaster(event)];
    draw();
    if (ends.length < 2) return;
    pixels.value = Math.hypot(ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]).toFixed(1);
    measuring(false);
    tell();
    length.focus();
  });
  form.addEventListener("input", tell);
}
