// Labelling with keys: one micrograph at a time, the next ones loaded ahead, every label acknowledged by the server.
import { Exemplars } from "./exemplars.js";
import { LabellingQueue } from "./labelling_queue.js";
import { postForm } from "../core/request.js";
import { attachScaleBar } from "./scale_bar.js";

const $ = (id) => document.querySelector(`#labelling${id}`);
const page = $("");
const figure = page.querySelector("figure");
const help = $("-help");
const words = JSON.parse($("-words").textContent);
const queue = new LabellingQueue(JSON.parse($("-first").textContent), page.dataset.queue, page.dataset.query);
const exemplars = new Exemplars(page.querySelectorAll("[data-exemplars]"), JSON.parse($("-exemplars").textContent));
const updateScaleBar = attachScaleBar(figure);
const buttons = [...page.querySelectorAll("[data-label]")];
const done = []; // what was labelled, to undo: {item, before}
let saving = 0;
let lastSave = Promise.resolve(); // saves go one after another, so that an undo comes after its label

const nameOf = (label) =>
  buttons.find((button) => button.dataset.label === label)?.querySelector("span").textContent ??
  (label || words.unlabelled);
const say = (text) => ($("-status").textContent = text);

function fail(error) {
  $("-error").textContent = words.failed.replace("{message}", error.message);
  $("-error").hidden = false;
  say("");
}

function show() {
  const { current } = queue;
  page.hidden = !current;
  $("-end").hidden = Boolean(current);
  if (!current) return showEnd();
  const image = $("-image");
  Object.assign(figure.dataset, { width: current.width, height: current.height });
  if (current.pixels_per_micrometre) figure.dataset.pixelsPerMicrometre = current.pixels_per_micrometre;
  else delete figure.dataset.pixelsPerMicrometre;
  image.src = current.image;
  image.alt = current.filename;
  $("-name").textContent = current.filename;
  $("-name").href = current.page;
  $("-specimen").textContent = current.specimen;
  mark(current.label);
  exemplars.show(current.pixels_per_micrometre);
  updateScaleBar();
}

function showEnd() {
  const all = $("-done").textContent === $("-total").textContent;
  document.querySelectorAll("[data-when]").forEach((head) => (head.hidden = (head.dataset.when === "all") !== all));
}

function mark(label) {
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.label === label)));
  $("-current").textContent = nameOf(label);
}

function showProgress({ labelled, total }) {
  $("-done").textContent = labelled;
  $("-total").textContent = total;
  const end = $("-end-done");
  if (end) end.textContent = labelled;
  if (!queue.current) showEnd();
  Object.assign($("-bar"), { max: total || 1, value: labelled });
}

async function save(item, label, sentence) {
  saving += 1;
  say(words.saving);
  try {
    const saved = lastSave.then(() => postForm(item.save, { label, seen: item.label }));
    lastSave = saved.catch(() => {});
    showProgress(await saved);
    item.label = label;
    $("-error").hidden = true;
    say(`${sentence.replace("{label}", nameOf(label))} · ${item.filename}`);
  } finally {
    saving -= 1;
  }
}

async function label(name) {
  const item = queue.current;
  if (!item) return;
  const step = { item, before: item.label };
  try {
    // On to the next at once; when the server refuses, back to this one.
    const saved = save(item, name, words.saved);
    done.push(step);
    await Promise.all([saved, go(1)]);
  } catch (error) {
    done.splice(done.indexOf(step), 1);
    if (error.told?.label !== undefined) item.label = error.told.label;
    fail(error);
    queue.moveTo(item);
    show();
  }
}

async function undo() {
  const last = done.pop();
  if (!last) return say(words.nothing);
  queue.moveTo(last.item);
  show();
  try {
    await save(last.item, last.before, words.undone);
    mark(last.item.label);
  } catch (error) {
    done.push(last);
    fail(error);
  }
}

async function go(step) {
  if (step < 0 && queue.atStart) return say(words.start);
  try {
    await queue.move(step);
  } catch (error) {
    fail(error);
  }
  show();
}

const commands = {
  next: () => go(1),
  previous: () => go(-1),
  skip: () => go(1).then(() => say(words.skipped)),
  undo,
  help: () => help.showModal(),
};
const KEYS = { ArrowRight: "next", j: "next", ArrowLeft: "previous", k: "previous", s: "skip", u: "undo", "?": "help" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog[open]");
  if (typing || help.open || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = buttons.find(({ dataset }) => dataset.key === event.key);
  const command = commands[KEYS[event.key]];
  if (!button && !command) return;
  event.preventDefault();
  if (button) label(button.dataset.label);
  else command();
});
buttons.forEach((button) => button.addEventListener("click", () => label(button.dataset.label)));
document
  .querySelectorAll("[data-do]")
  .forEach((button) => button.addEventListener("click", () => commands[button.dataset.do]()));
window.addEventListener("beforeunload", (event) => {
  if (saving) event.preventDefault();
});
show();
