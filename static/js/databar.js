// The upper edge of the data bar over the viewer's image: what lies below is shaded, and the edge can be dragged.
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
    const { scale, left, top } = placed();
    Object.assign(shade.style, { left: `${left}px`, right: `${left}px`, top: `${top + row * scale}px`, bottom: `${top}px` });
  };
  const rowAt = (clientY) => {
    const box = image.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height);
    const row = (clientY - box.top - (box.height - height * scale) / 2) / scale;
    return Math.round(Math.max(1, Math.min(height - 1, row)));
  };

  shade.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    shade.setPointerCapture(event.pointerId);
  });
  shade.addEventListener("pointermove", (event) => {
    if (!shade.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    field.value = rowAt(event.clientY);
    draw();
  });
  field.addEventListener("input", draw);
  new ResizeObserver(draw).observe(stage);
  draw();
}
