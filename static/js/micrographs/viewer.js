// Zoom, pan and full screen of one micrograph, with its scale bar, and brightness, contrast and inversion of what is
// shown.
import { clamp, containedImage } from "./geometry.js";
import { attachScaleBar } from "./scale_bar.js";

const STEP = 1.25;
const LARGEST_ZOOM = 40; // times the size at which the image fits
const MOVE = 60; // screen pixels for one arrow key

class Viewer {
  constructor(root) {
    this.frame = root.querySelector(".viewer-frame");
    this.stage = root.querySelector(".viewer-stage");
    this.image = this.stage.querySelector("img");
    this.level = root.querySelector("[data-zoom-level]");
    this.updateScaleBar = attachScaleBar(this.frame);
    this.fit();
    this.listen(root);
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.image.addEventListener("load", () => this.draw());
  }

  fit() {
    Object.assign(this, { zoom: 1, x: 0, y: 0 });
    this.draw();
  }

  // Zoom by `factor`, the point at (clientX, clientY) staying where it is.
  zoomAt(factor, clientX, clientY) {
    const box = this.frame.getBoundingClientRect();
    const [px, py] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    const zoom = clamp(this.zoom * factor, 1, LARGEST_ZOOM);
    const ratio = zoom / this.zoom;
    Object.assign(this, { zoom, x: px - (px - this.x) * ratio, y: py - (py - this.y) * ratio });
    this.draw();
  }

  zoomMiddle(factor) {
    const box = this.frame.getBoundingClientRect();
    this.zoomAt(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    const [mostX, mostY] = [(width * (this.zoom - 1)) / 2, (height * (this.zoom - 1)) / 2];
    this.x = clamp(this.x, -mostX, mostX);
    this.y = clamp(this.y, -mostY, mostY);
    this.stage.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    const shown = this.image.getBoundingClientRect();
    const percent = 100 * containedImage(shown, this.frame.dataset).scale;
    this.level.textContent = `${Math.round(percent)} %`;
    this.percent = percent;
    this.frame.classList.toggle("magnified", percent > 200);
    this.updateScaleBar();
  }

  listen(root) {
    this.frame.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoomAt(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX, event.clientY);
      },
      { passive: false },
    );
    this.frame.addEventListener("keydown", (event) => this.onKey(event));
    this.listenToPointers();
    const zooms = {
      in: () => this.zoomMiddle(STEP),
      out: () => this.zoomMiddle(1 / STEP),
      fit: () => this.fit(),
      actual: () => this.zoomMiddle(100 / this.percent),
    };
    for (const button of root.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", zooms[button.dataset.zoom]);
    }
    this.listenToAdjustments(root);
    this.offerFullScreen(root);
  }

  // Escape leaves it, as in every browser.
  offerFullScreen(root) {
    const button = root.querySelector("[data-full-screen]");
    if (!button || !document.fullscreenEnabled) return;
    button.hidden = false;
    button.addEventListener("click", () =>
      document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen(),
    );
  }

  listenToAdjustments(root) {
    const adjusts = [...root.querySelectorAll("[data-adjust]")];
    const adjust = () => this.adjust(adjusts);
    for (const input of adjusts) input.addEventListener("input", adjust);
    root.querySelector("[data-adjust-reset]").addEventListener("click", () => {
      for (const input of adjusts) {
        if (input.type === "checkbox") input.checked = false;
        else input.value = input.defaultValue;
      }
      adjust();
    });
  }

  onKey(event) {
    const keys = {
      "+": () => this.zoomMiddle(STEP),
      "=": () => this.zoomMiddle(STEP),
      "-": () => this.zoomMiddle(1 / STEP),
      0: () => this.fit(),
      ArrowLeft: () => this.move(MOVE, 0),
      ArrowRight: () => this.move(-MOVE, 0),
      ArrowUp: () => this.move(0, MOVE),
      ArrowDown: () => this.move(0, -MOVE),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.target !== this.frame) return;
    event.preventDefault();
    keys[event.key]();
  }

  // One pointer drags, two pinch.
  listenToPointers() {
    const pointers = new Map();
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.target.closest("a")) return;
      this.frame.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
    });
    this.frame.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      if (other) {
        const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
        this.zoomAt(
          distance(event) / distance(before),
          (event.clientX + other.clientX) / 2,
          (event.clientY + other.clientY) / 2,
        );
      } else this.move(event.clientX - before.clientX, event.clientY - before.clientY);
      pointers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.frame.addEventListener(name, (event) => pointers.delete(event.pointerId));
    }
  }

  adjust(inputs) {
    const value = Object.fromEntries(
      inputs.map((input) => [input.dataset.adjust, input.type === "checkbox" ? Number(input.checked) : input.value]),
    );
    this.image.style.filter = `invert(${value.invert}) brightness(${value.brightness}%) contrast(${value.contrast}%)`;
  }
}

for (const root of document.querySelectorAll("[data-viewer]")) new Viewer(root);
