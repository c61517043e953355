// Upload: three files at a time, each with its progress; then asks how the reading goes, once for all of them.
import { droppedFiles, pickedFiles } from "./files.js";
import { getJson } from "./request.js";
import { UploadRow } from "./uploadrow.js";

const AT_ONCE = 3;
const ASK_EVERY = 1000; // milliseconds
const ASK_ABOUT = 100; // ids in one address

const form = document.querySelector("#upload-form");
const zone = document.querySelector("#drop-zone");
const picker = form.querySelector("input[name=file]");
const folder = document.querySelector("#folder");
const list = document.querySelector("#upload-rows");
const words = JSON.parse(document.querySelector("#upload-words").textContent);
const retryAll = document.querySelector("#retry-all");
const rows = [];
let sending = 0;
let asking = false;

const withState = (state) => rows.filter((row) => row.state === state);

function summarise() {
  document.querySelector("#upload-head").hidden = !rows.length;
  retryAll.hidden = !withState("failed").length;
  const counts = {
    done: withState("ready").length,
    all: rows.length,
    refused: withState("refused").length,
    failed: withState("failed").length,
    scale: withState("needs_scale").length,
  };
  document.querySelector("#upload-summary").textContent = words.summary.replace(/\{(\w+)\}/g, (_, name) => counts[name]);
}

function sendNext() {
  while (sending < AT_ONCE) {
    const row = withState("waiting")[0];
    if (!row) break;
    sending += 1;
    row.send(form).finally(() => {
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

function add(files) {
  for (const { file, name } of files) {
    const row = new UploadRow(file, name, words, { onChange: summarise, onRetry: sendNext });
    rows.push(row);
    list.append(row.element);
  }
  sendNext();
}

for (const input of [picker, folder]) {
  input.addEventListener("change", () => {
    add(pickedFiles(input));
    input.value = "";
  });
}
folder.hidden = false;
document.querySelector(".needs-script").hidden = false;
picker.required = false;
form.addEventListener("submit", (event) => event.preventDefault());
retryAll.addEventListener("click", () => {
  withState("failed").forEach((row) => row.wait());
  sendNext();
});

const dragging = (on) => (event) => {
  event.preventDefault();
  zone.classList.toggle("dragging", on);
};
["dragenter", "dragover"].forEach((name) => document.addEventListener(name, dragging(true)));
document.addEventListener("dragleave", (event) => event.relatedTarget || dragging(false)(event));
document.addEventListener("drop", async (event) => {
  dragging(false)(event);
  add(await droppedFiles(event.dataTransfer));
});
window.addEventListener("beforeunload", (event) => {
  if (sending || withState("waiting").length) event.preventDefault();
});
