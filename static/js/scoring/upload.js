// Sends each dropped or chosen file by itself and shows the card that comes back; htmx then polls for its verdict.
// A manifest and the microscope's text files among them give scales, as in an upload.
import { requestPlan } from "../micrographs/upload_plan.js";
import { listenForFiles, uploadLimits } from "../upload/drop_zone.js";
import { SendQueue } from "../upload/send_queue.js";
import { isUnreached, postFile } from "../upload/transfer.js";

const form = document.querySelector("#score-upload");
const cards = document.querySelector("#score-cards");
const limits = uploadLimits();
const waiting = [];
const queue = new SendQueue({ next: () => waiting.shift(), send, atOnce: limits.filesAtOnce });

const paragraph = (properties) => Object.assign(document.createElement("p"), properties);

function makeCard(name) {
  const card = document.createElement("li");
  card.className = "card score-card";
  card.append(
    paragraph({ className: "score-name", textContent: name }),
    paragraph({ textContent: gettext("sending…") }),
    document.createElement("progress"),
  );
  cards.prepend(card);
  return card;
}

function fail(card, message) {
  card.querySelector("progress")?.remove();
  card.append(paragraph({ className: "notice error", role: "alert", textContent: message }));
}

// The form's fields of one file: a scale of its own wins over the one for all files.
function fieldsOf(path, { pixels_per_micrometre, scale_source } = {}) {
  return pixels_per_micrometre ? { path, pixels_per_micrometre, scale_source } : { path };
}

async function send({ name, read, card, details }) {
  let file;
  let sidecar;
  try {
    file = await read();
    sidecar = await details?.readSidecar?.();
  } catch (error) {
    return fail(card, error.message); // an entry of a zip that can't be unpacked, or a file deleted meanwhile
  }
  const answer = await postFile(form, file, {
    name: "files",
    fields: { ...fieldsOf(name, details), ...(sidecar && { sidecar }) },
    headers: { "HX-Request": "true" },
  });
  if (isUnreached(answer) || answer.status >= 400) {
    return fail(card, gettext("The server did not take this file; try again."));
  }
  const template = document.createElement("template");
  template.innerHTML = answer.text;
  const arrived = [...template.content.children];
  card.replaceWith(...arrived);
  for (const element of arrived) htmx.process(element);
  document.body.dispatchEvent(new Event("jobs-started"));
}

function notify(id, text) {
  const paragraph = document.querySelector(id);
  paragraph.textContent = text;
  paragraph.hidden = !text;
}

function missingText({ missing, missingCount }) {
  if (!missingCount) return "";
  const text = gettext("The manifest also names %(count)s files that were not dropped: %(names)s");
  const names = missing.join(", ") + (missingCount > missing.length ? "…" : "");
  return interpolate(text, { count: missingCount, names }, true);
}

function lateText({ late }) {
  const text = gettext("These text files belong to stored micrographs; drop them on the upload page: %(names)s");
  return late.length && interpolate(text, { names: late.map(({ sidecar }) => sidecar).join(", ") }, true);
}

async function receive(files) {
  notify("#score-error", "");
  try {
    const plan = await requestPlan(files, form.dataset.plan, limits);
    notify("#score-notes", [...plan.notes, missingText(plan), lateText(plan)].filter(Boolean).join(" "));
    for (const { name, read, problem } of plan.images) {
      const card = makeCard(name);
      const details = plan.details.get(name);
      if (problem || details?.problem) fail(card, problem || details.problem);
      else waiting.push({ name, read, card, details });
    }
    queue.run();
  } catch (error) {
    notify("#score-error", error.message);
  }
}

const zone = document.querySelector("#score-drop");
listenForFiles({ zone, pickers: [document.querySelector("#score-files")], limits, receive });
