// Choosing several tiles: click, Shift for a range, arrows to move, Space to choose, Escape for none.
import { arrowStep, SelectionRange } from "./selection_range.js";

function begin() {
  const list = document.querySelector("[data-selection]");
  const bar = document.querySelector("[data-bulk-bar]");
  if (!list || !bar || list.dataset.begun) return;
  list.dataset.begun = "";
  start(list, bar);
}

begin();
document.addEventListener("htmx:afterSettle", begin); // a live list was replaced

function start(list, bar) {
  const tiles = [...list.querySelectorAll("[data-tile]")];
  const boxes = tiles.map((tile) => tile.querySelector("input[type=checkbox]"));
  const everything = bar.querySelector("[data-everything]");
  const selection = new SelectionRange(boxes.map((box) => box.checked));

  const update = () => {
    for (const [index, box] of boxes.entries()) {
      box.checked = selection.chosen[index];
      tiles[index].classList.toggle("chosen", box.checked);
    }
    bar.querySelector("[data-count]").textContent = selection.count;
    bar.hidden = !selection.count && !everything?.checked;
    list.classList.toggle("choosing", selection.count > 0);
  };
  const setAll = (checked) => {
    selection.setAll(checked);
    if (everything) everything.checked = false;
    update();
  };
  const choose = (index, { checked, range }) => {
    if (range) selection.setRange(index, checked);
    else selection.set(index, checked);
    update();
  };

  list.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-tile]");
    if (!tile) return;
    const index = tiles.indexOf(tile);
    const box = boxes[index];
    if (event.target === box) return choose(index, { checked: event.shiftKey || box.checked, range: event.shiftKey });
    const modified = event.shiftKey || event.ctrlKey || event.metaKey;
    const onLink = event.target.closest("a");
    if (onLink && !modified) return; // a plain click on the image opens it
    event.preventDefault();
    choose(index, { checked: event.shiftKey || !box.checked, range: event.shiftKey });
    box.focus();
  });

  list.addEventListener("keydown", (event) => {
    const index = tiles.indexOf(event.target.closest("[data-tile]"));
    if (index < 0) return;
    if (event.key === "Escape") return setAll(false);
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return setAll(true);
    }
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
    const step = arrowStep(event.key, columns);
    const target = index + step;
    if (!step || !tiles[target]) return;
    event.preventDefault();
    boxes[target].focus();
    if (event.shiftKey) choose(target, { checked: true, range: true });
    else selection.anchor = target;
  });

  // Enter in a field of the bar does what the button beside it does.
  bar.addEventListener("keydown", (event) => {
    const button = event.target.closest(".joined")?.querySelector("button");
    if (event.key !== "Enter" || !button || event.target === button) return;
    event.preventDefault();
    button.click();
  });
  bar.querySelector("[data-choose-page]")?.addEventListener("click", () => setAll(true));
  bar.querySelector("[data-choose-none]")?.addEventListener("click", () => setAll(false));
  everything?.addEventListener("change", update);
  update();
}
