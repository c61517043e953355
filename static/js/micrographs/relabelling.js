// Labels in a grid: arrows choose a micrograph, a key sets its label, u takes the last one back.
import { postForm } from "../core/request.js";
import { arrowStep } from "./selection_range.js";

const grid = document.querySelector("[data-relabelling]");
const tiles = [...(grid?.querySelectorAll("[data-tile]") ?? [])];
const links = tiles.map((tile) => tile.querySelector("a"));
const status = document.querySelector("[data-label-status]");
const labelOfKey = new Map(
  [...document.querySelectorAll("[data-label-keys] [data-key]")].map(({ dataset }) => [dataset.key, dataset.label]),
);
const history = []; // {tile, before}
let lastSave = Promise.resolve(); // saves go one after another, so that an undo comes after its label

function save(tile, label) {
  const saved = lastSave.then(() => postForm(tile.dataset.save, { label, seen: tile.dataset.answer }));
  lastSave = saved.catch(() => {});
  return saved;
}

async function setLabel(tile, label, text) {
  status.textContent = gettext("Saving…");
  try {
    await save(tile, label);
  } catch (error) {
    if (error.body?.label !== undefined) show(tile, error.body.label);
    status.textContent = interpolate(gettext("Not saved: %(message)s"), { message: error.message }, true);
    return false;
  }
  show(tile, label);
  status.textContent = interpolate(text, { label: label || gettext("unlabelled") }, true);
  return true;
}

function show(tile, label) {
  tile.dataset.answer = label;
  tile.querySelector("[data-answer-text]").textContent = label || gettext("unlabelled");
  tile.querySelector("[data-current]").hidden = false;
}

async function relabel(index, label) {
  const tile = tiles[index];
  const before = tile.dataset.answer;
  links[Math.min(index + 1, links.length - 1)].focus();
  if (await setLabel(tile, label, gettext("Saved: %(label)s"))) history.push({ tile, before });
}

async function undo() {
  const last = history.pop();
  if (!last) {
    status.textContent = gettext("There is nothing to undo.");
    return;
  }
  last.tile.querySelector("a").focus();
  if (!(await setLabel(last.tile, last.before, gettext("Undone: %(label)s")))) history.push(last);
}

grid?.addEventListener("keydown", (event) => {
  const index = tiles.indexOf(event.target.closest("[data-tile]"));
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length;
  const target = links[index + arrowStep(event.key, columns)];
  const label = labelOfKey.get(event.key);
  if (event.key === "u") undo();
  else if (label) relabel(index, label);
  else if (target && target !== links[index]) target.focus();
  else return;
  event.preventDefault();
});
