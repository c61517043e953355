// The upload page. Files are planned first, always; once the person agrees, each is hashed, and sent unless the dataset
// has it; then the page asks, once for all files, how far the server has read them.
import { getJson, postJson } from "../core/request.js";
import { listenForFiles, uploadLimits } from "../upload/drop_zone.js";
import { SendQueue } from "../upload/send_queue.js";
import { VirtualList } from "../upload/virtual_list.js";
import { addSidecarUpdates, applySidecars } from "./late_sidecars.js";
import { PlanPanel } from "./plan_panel.js";
import { requestPlan } from "./upload_plan.js";
import { UploadRow } from "./upload_row.js";
import { UploadRowView } from "./upload_row_view.js";

const POLL_MILLISECONDS = 1000;
const inOrder = new Intl.Collator(undefined, { numeric: true }).compare; // a2 before a10
const ROW_HEIGHT = 68; // pixels, until rows are measured

const $ = (id) => document.querySelector(`#${id}`);
const form = $("upload-form");
const folder = $("folder");
const limits = uploadLimits();
const rows = []; // what was agreed to
let listed = []; // with the files of an open plan, which come first
const firstByHash = new Map(); // of the same file twice in a drop only the first is sent
const drop = String(Math.random()).slice(2); // what this page changes of stored micrographs is undone as one
const panel = new PlanPanel({ onSend: agree, onCancel: forget });
const list = new VirtualList($("upload-rows"), {
  create: (row) => new UploadRowView(row, { onSelect: (...about) => panel.select(...about) }),
  estimate: ROW_HEIGHT,
});
let summarising = false;
let polling = false;
let checking = false;

const withState = (state, among = rows) => among.filter((row) => row.state === state);
const queue = new SendQueue({
  next: () => rows.find((row) => row.state === "waiting"),
  send: (row) => row.send(form),
  atOnce: limits.filesAtOnce,
  onSent: pollLater,
});

// At most once a frame: two thousand rows change their states some ten thousand times.
function summarise() {
  if (summarising) return;
  summarising = true;
  requestAnimationFrame(() => {
    summarising = false;
    showSummary();
  });
}

function showSummary() {
  $("upload-head").hidden = !rows.length;
  $("retry-all").hidden = !withState("failed").length;
  $("apply-updates").hidden = !withState("update").length;
  const states = ["ready", "there", "needs_scale", "refused", "failed"];
  const counts = Object.fromEntries(states.map((state) => [state, withState(state).length]));
  const parts = [
    [gettext("%(count)s of %(all)s ready"), counts.ready],
    [gettext("%(count)s there already"), counts.there],
    [gettext("%(count)s without scale"), counts.needs_scale],
    [gettext("%(count)s refused"), counts.refused],
    [gettext("%(count)s not sent"), counts.failed],
  ];
  const texts = parts.map(([text, count]) => interpolate(text, { count, all: rows.length }, true));
  $("upload-summary").textContent = texts.join(", ");
}

// Hashes the next rows together and asks about them at once; what is new waits to be sent.
async function check() {
  if (checking) return;
  checking = true;
  for (let some = withState("checking"); some.length; some = withState("checking")) {
    const batch = some.slice(0, limits.hashesAtOnce);
    const known = await lookUp(batch);
    for (const row of batch) if (row.state === "checking") settle(row, known.get(row));
    queue.run();
  }
  checking = false;
}

function settle(row, known) {
  const first = row.sha256 && firstByHash.get(row.sha256);
  if (row.sha256 && !first) firstByHash.set(row.sha256, row);
  if (first && first !== row) {
    const text = gettext("The same file as %(name)s in this drop; it is sent once.");
    row.show({ state: "there", message: interpolate(text, { name: first.name }, true) });
  } else if (known?.update) row.offerUpdate(known);
  else if (known) row.showKnown(known);
  else row.wait();
}

// While the dry run is open: which of its files the dataset has, and what the plan would change of them.
async function preview(made) {
  for (let from = 0; from < made.length && panel.shows(made); from += limits.hashesAtOnce) {
    const batch = made.slice(from, from + limits.hashesAtOnce).filter((row) => row.state === "planned");
    const known = await lookUp(batch);
    if (!panel.shows(made)) return;
    for (const row of batch.filter(({ state }) => state === "planned")) {
      if (known.get(row)?.update) row.offerUpdate(known.get(row));
      else if (known.get(row)) row.showKnown(known.get(row));
    }
    panel.refresh();
  }
}

// Stored files get what the plan says of them; the server decides again what differs.
async function update(some) {
  for (let from = 0; from < some.length; from += limits.statesAtOnce) {
    const batch = some.slice(from, from + limits.statesAtOnce);
    for (const row of batch) row.show({ state: "sending" });
    try {
      const updates = batch.filter((row) => !row.isSidecar).map((row) => ({ ...row.details, id: row.id }));
      const byPlan = updates.length ? await postJson(form.dataset.update, { updates, drop }) : { micrographs: {} };
      const bySidecar = await applySidecars(form.dataset.sidecars, batch, limits.hashesAtOnce, drop);
      const states = { ...byPlan.micrographs, ...bySidecar.micrographs };
      for (const row of batch) row.showKnown(states[row.id] ?? row.known);
      const undoable = bySidecar.undoable ?? byPlan.undoable ?? null;
      if (undoable !== null) $("update-undo").hidden = !undoable;
    } catch (error) {
      for (const row of batch) row.offerUpdate(row.known);
      showError(error.message);
      return;
    }
  }
}

function updateChosen(among) {
  const offered = withState("update", among);
  const chosen = offered.filter((row) => row.wantsUpdate);
  for (const row of offered) if (!row.wantsUpdate) row.showKnown(row.known);
  return update(chosen);
}

// What the dataset has of each row, with the changes that the plan and a sidecar would make.
async function lookUp(batch) {
  const images = batch.filter((row) => !row.isSidecar);
  await Promise.all(images.map((row) => row.hash()));
  const files = images.filter((row) => row.sha256).map((row) => ({ ...row.details, sha256: row.sha256 }));
  const found = new Map(batch.map((row) => [row, row.details.stored]));
  try {
    const { known } = files.length ? await postJson(form.dataset.known, { files }) : { known: {} };
    for (const row of images) found.set(row, known[row.sha256]);
    await addSidecarUpdates(form.dataset.sidecars, found, limits.hashesAtOnce);
  } catch {
    // The server recognises what it has when it is sent.
  }
  return found;
}

function pollLater() {
  if (polling || !withState("reading").length) return;
  polling = true;
  setTimeout(poll, POLL_MILLISECONDS);
}

async function poll() {
  const reading = new Map(withState("reading").map((row) => [row.id, row]));
  const query = new URLSearchParams([...reading.keys()].slice(0, limits.statesAtOnce).map((id) => ["id", id]));
  try {
    const { micrographs } = await getJson(`${form.dataset.status}?${query}`);
    for (const micrograph of micrographs) reading.get(micrograph.id).show(micrograph);
  } catch {
    // The next poll may be answered; the files are stored already.
  }
  polling = false;
  pollLater();
}

function showError(message) {
  $("upload-error").textContent = message;
  $("upload-error").hidden = !message;
}

async function receive(dropped) {
  showError("");
  const before = panel.isOpen ? forget(panel.close()) : { files: [], rows: [], common: {} };
  const files = [...before.files, ...dropped]; // a second drop joins an open plan
  try {
    const plan = await requestPlan(files, form.dataset.plan, limits);
    if (plan.images.length || plan.late.length) openPlan(files, plan, before);
    else {
      const none = gettext("There is no image among these files: TIFF, PNG, JPEG or BMP are wanted.");
      showError([none, ...plan.notes].join(" "));
    }
  } catch (error) {
    showError(error.message);
  }
}

// Takes the rows of a plan that was closed out of the list.
function forget(closed) {
  const gone = new Set(closed.rows);
  show(listed.filter((row) => !gone.has(row)));
  return closed;
}

function show(some) {
  listed = some;
  list.show(listed);
}

function onChange(row) {
  list.update(row);
  summarise();
}

// `before`: the plan that this one replaces, of which what the person has said stays.
function makeRows({ images, details, late }, { rows: earlier, common }) {
  const chosen = new Map(earlier.map((row) => [row.name, row.chosen]));
  const about = (name) => ({ common, chosen: chosen.get(name), onChange, onRetry: check });
  const sorted = images.toSorted((one, other) => inOrder(one.name, other.name));
  return [
    ...sorted.map((image) => new UploadRow(image, details.get(image.name) ?? {}, about(image.name))),
    ...late.map(({ sidecar, readSidecar, ...stored }) => {
      return new UploadRow({ name: sidecar, read: readSidecar }, { stored, readSidecar }, about(sidecar));
    }),
  ];
}

function begin(made) {
  rows.push(...made);
  summarise();
  check();
}

function openPlan(files, plan, before) {
  const made = makeRows(plan, before);
  for (const row of withState("checking", made)) row.showPlan();
  show([...made, ...listed]);
  panel.open({ files, plan, rows: made, common: before.common });
  preview(made);
}

async function agree({ files, plan, rows: made, addClasses }) {
  try {
    const agreed = addClasses.length ? await requestPlan(files, form.dataset.plan, limits, addClasses) : plan;
    panel.close();
    for (const row of made.filter((row) => !row.isSidecar)) row.details = agreed.details.get(row.name) ?? {};
    for (const row of withState("planned", made)) row.restart();
    updateChosen(made);
    begin(made);
  } catch (error) {
    showError(error.message);
  }
}

const picker = form.querySelector("input[name=file]");
listenForFiles({ zone: $("drop-zone"), target: document, pickers: [picker, folder], limits, receive });
folder.hidden = false;
document.querySelector(".needs-script").hidden = false;
picker.required = false;
form.addEventListener("submit", (event) => event.preventDefault());
$("retry-all").addEventListener("click", () => {
  for (const row of withState("failed")) row.restart();
  check();
});
$("apply-updates").addEventListener("click", () => updateChosen(rows));
window.addEventListener("beforeunload", (event) => {
  if (queue.active || withState("waiting").length || withState("checking").length) event.preventDefault();
});
