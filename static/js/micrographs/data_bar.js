// The upper edge of the data bar over the viewer's image: what lies below is shaded, and the edge can be dragged, or
// moved by the arrow keys.
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

  // With object-fit: contain the image lies in the middle of its box; all in the stage's own pixels, unzoomed.
  const placed = () => {
    const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height);
    return { scale, left: (stage.clientWidth - width * scale) / 2, top: (stage.clientHeight - height * scale) / 2 };
  };
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
  const rowAt = (clientY) => {
    const box = image.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height);
    return Math.round((clientY - box.top - (box.height - height * scale) / 2) / scale);
  };
  const move = (row) => {
    field.value = Math.max(1, Math.min(height - 1, row));
    draw();
  };

  shade.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    shade.setPointerCapture(event.pointerId);
  });
  shade.addEventListener("pointermove", (event) => {
    if (!shade.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    move(rowAt(event.clientY));
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
