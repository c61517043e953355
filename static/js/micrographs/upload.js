// Upload: what the files say is shown first; then three files at a time are sent, those that are there already passed
// over by their hash; then the page asks how the reading goes, once for all of them.
import { droppedFiles, pickedFiles } from "../upload/files.js";
import { getJson, postJson } from "../core/request.js";
import { planOf, tellsSomething } from "./upload_plan.js";
import { UploadRow } from "./upload_row.js";

const AT_ONCE = 3;
const HASHED_AT_ONCE = 20;
const ASK_EVERY = 1000; // milliseconds
const ASK_ABOUT = 100; // ids in one address
const TRY_AGAIN = 3000; // milliseconds until one file tries whether a lost connection is back

const $ = (id) => document.querySelector(`#${id}`);
const form = $("upload-form");
const zone = $("drop-zone");
const picker = form.querySelector("input[name=file]");
const folder = $("folder");
const words = JSON.parse($("upload-words").textContent);
const rows = [];
const firstWith = new Map(); // by hash: of the same file twice in a drop the first is sent
let sending = 0;
let lost = false; // the connection
let summing = false;
let asking = false;
let checking = false;
let waitingPlan = null; // a plan that a person has to agree to

const withState = (state, among = rows) => among.filter((row) => row.state === state);
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Once a frame: two thousand rows change their states some ten thousand times.
function summarise() {
  if (summing) return;
  summing = true;
  requestAnimationFrame(() => {
    summing = false;
    showSummary();
  });
}

function showSummary() {
  $("upload-head").hidden = !rows.length;
  $("retry-all").hidden = !withState("failed").length;
  const counts = Object.fromEntries(
    ["ready", "refused", "failed", "there"].map((state) => [state, withState(state).length]),
  );
  $("upload-summary").textContent = filled(words.summary, {
    ...counts,
    done: counts.ready,
    all: rows.length,
    scale: withState("needs_scale").length,
  });
}

// The next rows are hashed together and asked about at once; what is new waits to be sent.
async function check() {
  if (checking) return;
  checking = true;
  for (let some = withState("checking"); some.length; some = withState("checking")) {
    const batch = some.slice(0, HASHED_AT_ONCE);
    await Promise.all(batch.map((row) => row.hash()));
    const known = await knownOf(batch);
    for (const row of batch) {
      if (row.state !== "checking") continue;
      const first = row.sha256 && firstWith.get(row.sha256);
      if (row.sha256 && !first) firstWith.set(row.sha256, row);
      if (first && first !== row) row.show({ state: "there", message: filled(words.twice, { name: first.name }) });
      else if (known[row.sha256]) row.knownAs(known[row.sha256]);
      else row.wait();
    }
    sendNext();
  }
  checking = false;
}

async function knownOf(batch) {
  const hashes = batch.map((row) => row.sha256).filter(Boolean);
  if (!hashes.length) return {};
  try {
    return (await postJson(form.dataset.known, { sha256: hashes })).known;
  } catch {
    return {}; // the server refuses what it has when it is sent
  }
}

function sendNext() {
  while (sending < (lost ? 1 : AT_ONCE)) {
    const row = withState("waiting")[0];
    if (!row) break;
    sending += 1;
    row.send(form).then(async (arrived) => {
      lost = !arrived;
      if (lost) await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN));
      sending -= 1;
      sendNext();
      askLater();
    });
  }
  summarise();
}

function askLater() {
  if (asking || !withState("reading").length) return;
  asking = true;
  setTimeout(ask, ASK_EVERY);
}

async function ask() {
  const reading = new Map(withState("reading").map((row) => [row.id, row]));
  const ids = [...reading.keys()].slice(0, ASK_ABOUT);
  try {
    const { micrographs } = await getJson(`${form.dataset.status}?${new URLSearchParams(ids.map((id) => ["id", id]))}`);
    micrographs.forEach((told) => reading.get(told.id).show(told));
  } catch {
    // The next question may be answered; the files are stored already.
  }
  asking = false;
  askLater();
}

function complain(sentence) {
  $("upload-error").textContent = sentence;
  $("upload-error").hidden = !sentence;
}

async function add(files) {
  complain("");
  if (waitingPlan) files = [...cancelPlan(), ...files]; // a second drop before the first was agreed to joins it
  if (!files.length) return complain(words.noFiles);
  try {
    const plan = await planOf(files, form.dataset.plan);
    if (!plan.images.length) return complain(words.noFiles);
    if (tellsSomething(plan)) showPlan(files, plan);
    else begin(plan);
  } catch (error) {
    complain(error.message);
  }
}

// Rows of what a plan tells; `made` are those that another plan of the same files has.
function rowsOf({ images, sound, told }, made) {
  const byPath = new Map(sound.map(({ name }, index) => [name, told.files[index]]));
  return images.map((image, index) => {
    const own = byPath.get(image.name) ?? {};
    if (!made) return new UploadRow(image, own, words, { onChange: summarise, onRetry: check });
    made[index].told = own;
    return made[index];
  });
}

function begin(plan, made) {
  const ours = rowsOf(plan, made);
  if (!made) $("upload-rows").append(...ours.map((row) => row.element));
  else withState("planned", ours).forEach((row) => row.again());
  rows.push(...ours);
  summarise();
  check();
}

function showPlan(files, plan) {
  const made = rowsOf(plan);
  withState("checking", made).forEach((row) => row.show({ state: "planned", message: row.planned }));
  const refused = made.filter((row) => row.state === "refused").length;
  waitingPlan = { files, plan, made };
  $("upload-rows").append(...made.map((row) => row.element));
  $("plan-summary").textContent = filled(words.plan, { count: made.length - refused, refused });
  const { missing, new_classes: classes } = plan.told;
  $("plan-missing").hidden = !missing.length;
  $("plan-missing").textContent = filled(words.missing, {
    count: missing.length,
    names: missing.slice(0, 5).join(", "),
  });
  $("plan-classes").hidden = !classes.length;
  $("plan-class-names").textContent = classes.join(", ");
  $("plan-add-classes").checked = true;
  $("upload-plan").hidden = false;
  $("plan-send").focus();
}

function closePlan() {
  const closed = waitingPlan;
  waitingPlan = null;
  $("upload-plan").hidden = true;
  return closed;
}

function cancelPlan() {
  const { files, made } = closePlan();
  made.forEach((row) => row.element.remove());
  return files;
}

$("plan-cancel").addEventListener("click", cancelPlan);
$("plan-send").addEventListener("click", async () => {
  const { files, plan, made } = waitingPlan;
  const classes = plan.told.new_classes;
  try {
    const agreed =
      classes.length && $("plan-add-classes").checked ? await planOf(files, form.dataset.plan, classes) : plan;
    closePlan();
    begin(agreed, made);
  } catch (error) {
    complain(error.message);
  }
});

for (const input of [picker, folder]) {
  input.addEventListener("change", async () => {
    const files = await pickedFiles(input, words.zip);
    input.value = "";
    await add(files);
  });
}
folder.hidden = false;
document.querySelector(".needs-script").hidden = false;
picker.required = false;
form.addEventListener("submit", (event) => event.preventDefault());
$("retry-all").addEventListener("click", () => {
  withState("failed").forEach((row) => row.again());
  check();
});

const dragging = (on) => (event) => {
  event.preventDefault();
  zone.classList.toggle("dragging", on);
};
["dragenter", "dragover"].forEach((name) => document.addEventListener(name, dragging(true)));
document.addEventListener("dragleave", (event) => event.relatedTarget || dragging(false)(event));
document.addEventListener("drop", async (event) => {
  dragging(false)(event);
  add(await droppedFiles(event.dataTransfer, words.zip));
});
window.addEventListener("beforeunload", (event) => {
  if (sending || withState("waiting").length || withState("checking").length) event.preventDefault();
});
