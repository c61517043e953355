// The saliency map of a score as a layer in the viewer: its legend chooses the class, a slider the opacity, and a click
// or the keyboard a place, whose probabilities are shown.

import { colour } from "../core/tokens.js";
import { clamp, pointInMaster } from "../micrographs/geometry.js";
import { Planes, paint } from "./probability_planes.js";

const LONGER_SIDE = 640; // pixels of the layer
const CLICK = 4; // screen pixels that a click may move
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class SaliencyMap {
  constructor(tools, planes) {
    this.tools = tools;
    this.planes = planes;
    this.frame = document.querySelector(".viewer-frame");
    this.image = this.frame.querySelector("img");
    this.master = { width: Number(this.frame.dataset.width), height: Number(this.frame.dataset.height) };
    this.seen = { width: this.master.width, height: Number(tools.dataset.seenHeight) };
    this.masked = JSON.parse(document.querySelector("#saliency-masked").textContent);
    this.choices = [...tools.querySelectorAll("[name=saliency-outcome]")];
    this.probe = document.querySelector("#saliency-probe");
    this.addLayer();
    this.draw();
    this.listen();
  }

  addLayer() {
    const factor = LONGER_SIDE / Math.max(this.master.width, this.master.height);
    this.layer = document.createElement("canvas");
    this.layer.className = "saliency-layer";
    this.layer.width = Math.round(this.master.width * factor);
    this.layer.height = Math.round(this.master.height * factor);
    this.image.after(this.layer);
    this.setOpacity();
    const mark = document.querySelector("#saliency-mark").content.cloneNode(true).firstElementChild;
    this.layer.after(mark);
    this.mark = mark;
  }

  draw() {
    const chosen = this.choices.find((choice) => choice.checked).value;
    const colours = this.choices.filter(({ value }) => value !== "").map(({ dataset }) => rgb(dataset.colour));
    const height = Math.round((this.layer.height * this.seen.height) / this.master.height);
    const pixels = paint(this.planes, this.layer.width, height, colours, chosen === "" ? null : Number(chosen));
    const context = this.layer.getContext("2d");
    context.clearRect(0, 0, this.layer.width, this.layer.height);
    context.putImageData(new ImageData(pixels, this.layer.width, height), 0, 0);
    const factor = this.layer.width / this.master.width;
    for (const one of this.masked) {
      context.clearRect(...[one.x, one.y, one.width, one.height].map((length) => length * factor));
    }
  }

  setOpacity() {
    this.layer.style.opacity = this.tools.querySelector("#saliency-opacity").value / 100;
  }

  listen() {
    for (const choice of this.choices) choice.addEventListener("change", () => this.draw());
    this.tools.querySelector("#saliency-opacity").addEventListener("input", () => this.setOpacity());
    let pressed = null;
    this.frame.addEventListener("pointerdown", (event) => {
      pressed = event;
    });
    this.frame.addEventListener("pointerup", (event) => {
      const moved = pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
      if (pressed && event.isPrimary && moved <= CLICK) this.show(this.placeOf(event));
      pressed = null;
    });
    this.frame.addEventListener("keydown", (event) => this.onKey(event), { capture: true });
  }

  placeOf(event) {
    return pointInMaster(event, this.image.getBoundingClientRect(), this.master);
  }

  // Enter marks the middle of what is shown, the arrow keys with Shift move the mark by one value of the map.
  onKey(event) {
    const move = event.shiftKey && MOVES[event.key];
    if (event.target !== this.frame || (event.key !== "Enter" && !move)) return;
    event.preventDefault();
    event.stopPropagation();
    const box = this.frame.getBoundingClientRect();
    const middle = this.placeOf({ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 });
    const [x, y] = this.place ?? middle;
    if (event.key === "Enter") this.show(middle);
    else {
      const step = this.seen.width / this.planes.width;
      this.show([clamp(x + move[0] * step, 0, this.seen.width), clamp(y + move[1] * step, 0, this.seen.height)]);
    }
  }

  show([x, y]) {
    this.place = [x, y];
    this.mark.removeAttribute("hidden");
    this.mark.querySelector("circle").setAttribute("cx", x);
    this.mark.querySelector("circle").setAttribute("cy", y);
    this.outline(x, y);
    const shares = this.isSeen(x, y) ? this.planes.sharesAt(x / this.seen.width, y / this.seen.height) : null;
    this.probe.hidden = false;
    this.probe.querySelector("#saliency-place").textContent = interpolate(
      shares ? gettext("At column %(x)s, row %(y)s:") : gettext("At column %(x)s, row %(y)s nothing was looked at."),
      { x: Math.round(x), y: Math.round(y) },
      true,
    );
    this.probe.querySelector(".bars").hidden = !shares;
    for (const [outcome, row] of [...this.probe.querySelectorAll(".bars li")].entries()) {
      const share = shares ? shares[outcome] : 0;
      row.classList.toggle("predicted", shares !== null && share === Math.max(...shares));
      row.querySelector("meter").value = share;
      row.querySelector(".bar-share").textContent = percent(share);
    }
  }

  // Interpolated probabilities reach into the masked rectangles, which nobody looked at.
  isSeen(x, y) {
    const holds = (one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height;
    return y <= this.seen.height && !this.masked.some(holds);
  }

  // The window that the value at this place stands for: near a border, the nearest one that fits.
  outline(x, y) {
    const square = this.mark.querySelector("rect");
    const side = Number(this.tools.dataset.window);
    square.toggleAttribute("hidden", !side);
    if (!side) return;
    const place = { x: [x, this.seen.width], y: [y, this.seen.height] };
    for (const [name, [middle, length]] of Object.entries(place)) {
      square.setAttribute(name, clamp(middle - side / 2, 0, Math.max(0, length - side)));
    }
    square.setAttribute("width", side);
    square.setAttribute("height", side);
  }
}

// Never 0 or 100 %: a map's value is no surer than the score itself.
function percent(share) {
  if (share < 0.005) return "<1 %";
  return share > 0.995 ? ">99 %" : `${Math.round(100 * share)} %`;
}

function rgb(name) {
  return colour(name).match(/\d+/g).slice(0, 3).map(Number);
}

async function load(tools) {
  const image = new Image();
  image.src = tools.dataset.planes;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const gray = Uint8Array.from({ length: data.length / 4 }, (_, index) => data[4 * index]);
  return new Planes(gray, canvas.width, Number(tools.dataset.outcomes));
}

const tools = document.querySelector("#saliency-tools");
if (tools) new SaliencyMap(tools, await load(tools));
