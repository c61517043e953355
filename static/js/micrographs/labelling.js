// The labelling page: one micrograph at a time, by keys; the next ones load ahead, each label is saved at once.

import { postForm } from "../core/request.js";
import { Exemplars } from "./exemplars.js";
import { LabelReview } from "./label_review.js";
import { LabellingQueue } from "./labelling_queue.js";
import { attachScaleBar } from "./scale_bar.js";

const $ = (id) => document.querySelector(`#labelling${id}`);
const page = $("");
const figure = page.querySelector("figure");
const help = $("-help");
const queue = new LabellingQueue(JSON.parse($("-first").textContent), page.dataset.queue, page.dataset.query);
const exemplars = new Exemplars(page.querySelectorAll("[data-exemplars]"), JSON.parse($("-exemplars").textContent));
const updateScaleBar = attachScaleBar(figure);
const buttons = [...page.querySelectorAll("[data-label]")];
const review = page.dataset.review === undefined ? null : new LabelReview($("-evidence"), $("-total").textContent);
const history = []; // decisions to undo: {item, takeBack}
let saving = 0;
let lastSave = Promise.resolve(); // saves go one after another, so that an undo comes after its label

const nameOf = (label) =>
  buttons.find((button) => button.dataset.label === label)?.querySelector("span").textContent ??
  (label || gettext("unlabelled"));
const showStatus = (text) => {
  $("-status").textContent = text;
};
const labelText = (format, label) => interpolate(format, { label: nameOf(label) }, true);

function fail(error) {
  $("-error").textContent = interpolate(gettext("Not saved: %(message)s"), { message: error.message }, true);
  $("-error").hidden = false;
  showStatus("");
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
  review?.show(current, nameOf);
  exemplars.show(current.pixels_per_micrometre);
  updateScaleBar();
}

function showEnd() {
  const all = $("-done").textContent === $("-total").textContent;
  for (const heading of document.querySelectorAll("[data-when]")) {
    heading.hidden = (heading.dataset.when === "all") !== all;
  }
}

function mark(label) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.label === label));
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

async function save(item, send, savedText) {
  saving += 1;
  showStatus(gettext("Saving…"));
  try {
    const saved = lastSave.then(send);
    lastSave = saved.catch(() => {});
    const progress = await saved;
    showProgress(review ? review.progress : progress);
    $("-error").hidden = true;
    showStatus(`${labelText(savedText, item.label)} · ${item.filename}`);
  } finally {
    saving -= 1;
  }
}

function saveLabel(item, label, savedText) {
  const send = async () => {
    const saved = await postForm(item.save, { label, seen: item.label });
    item.label = label;
    return saved;
  };
  return save(item, send, savedText);
}

async function decide(item, send, takeBack) {
  const step = { item, takeBack };
  try {
    // On to the next at once; when the server refuses, back to this one.
    history.push(step);
    review?.decided(1);
    await Promise.all([send(), go(1)]);
  } catch (error) {
    history.splice(history.indexOf(step), 1);
    review?.decided(-1);
    if (error.body?.label !== undefined) item.label = error.body.label;
    fail(error);
    queue.moveTo(item);
    show();
  }
}

function label(name) {
  const item = queue.current;
  if (!item) return;
  const before = item.label;
  if (review && name === before) return keep();
  return decide(
    item,
    () => saveLabel(item, name, gettext("Saved: %(label)s")),
    () => saveLabel(item, before, gettext("Undone: %(label)s")),
  );
}

function keep() {
  const item = queue.current;
  if (!item || !review) return;
  return decide(
    item,
    () => save(item, () => review.send(item, true), gettext("Kept: %(label)s")),
    () => save(item, () => review.send(item, false), gettext("Undone: %(label)s")),
  );
}

async function undo() {
  const last = history.pop();
  if (!last) return showStatus(gettext("There is nothing to undo."));
  queue.moveTo(last.item);
  review?.decided(-1);
  show();
  try {
    await last.takeBack();
    mark(last.item.label);
  } catch (error) {
    history.push(last);
    review?.decided(1);
    fail(error);
  }
}

async function go(step) {
  if (step < 0 && queue.atStart) return showStatus(gettext("This is the first one."));
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
  skip: () => go(1).then(() => showStatus(gettext("Skipped"))),
  keep,
  undo,
  help: () => help.showModal(),
};
const KEYS = { ArrowRight: "next", j: "next", ArrowLeft: "previous", k: "previous", s: "skip", u: "undo", "?": "help" };
if (review) KEYS.y = "keep";

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
for (const button of buttons) button.addEventListener("click", () => label(button.dataset.label));
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => commands[button.dataset.do]());
}
window.addEventListener("beforeunload", (event) => {
  if (saving) event.preventDefault();
});
show();
