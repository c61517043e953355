// One file of an upload, with its row in the list. Its states: planned, checking, waiting, sending, reading, ready,
// needs_scale, there (in the dataset already), update (there, but the plan would change it), refused, or failed (it
// never arrived).
import { getJson, postForm } from "../core/request.js";
import { LARGE, sendInParts } from "../upload/resumable.js";
import { isUnreached, postFile } from "../upload/transfer.js";

const stateNames = () => ({
  planned: gettext("planned"),
  checking: gettext("checking"),
  waiting: gettext("waiting"),
  sending: gettext("sending"),
  there: gettext("there already"),
  update: gettext("there already"),
  refused: gettext("refused"),
  failed: gettext("not sent"),
});

// What the plan says of a file, as one line.
export function plannedText({ label, pixels_per_micrometre: scale, sidecar, specimen, modality, split }) {
  const beside =
    sidecar && interpolate(gettext("scale to be read with %(name)s"), { name: sidecar.split("/").at(-1) }, true);
  const scaleText = scale ? `${Number(scale.toPrecision(4))} px/µm` : beside;
  return [label || gettext("unlabelled"), scaleText, specimen, modality, split].filter(Boolean).join(" · ");
}

// The form's fields that the plan fills for one file.
export function plannedFields(path, details) {
  const { label, pixels_per_micrometre, specimen, modality, split } = details;
  const fields = { path, label, pixels_per_micrometre, specimen, modality, split };
  if (pixels_per_micrometre) {
    Object.assign(fields, { scale_source: details.scale_source, scale_note: details.scale_note });
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
}

const MOST_HASHED = 512 * 2 ** 20; // bytes
const REFUSED = [400, 409, 413, 422];
const FIELDS = ["label", "pixels_per_micrometre", "scale_source", "scale_note", "specimen", "modality", "split"];

// What is said of one large file: the form's values for all files, and the plan's own for this one.
function fieldsInParts(form, path, details, sha256) {
  const said = { ...Object.fromEntries(new FormData(form)), ...plannedFields(path, details) };
  const fields = Object.fromEntries(FIELDS.filter((name) => said[name]).map((name) => [name, said[name]]));
  return sha256 ? { ...fields, sha256 } : fields;
}

// The answer to an upload as the new state of its row.
export function stateFrom({ status, text }) {
  let answer = {};
  try {
    answer = JSON.parse(text) ?? {};
  } catch {
    // A proxy's page, for example.
  }
  if (answer.state) return answer;
  if (answer.code === "duplicate") return { state: "there", message: answer.message };
  if (REFUSED.includes(status) && answer.message) return { state: "refused", message: answer.message };
  const message = answer.message ?? interpolate(gettext("The server answered %(status)s."), { status }, true);
  return { state: "failed", message };
}

export class UploadRow {
  constructor({ name, read, problem }, details, { onChange, onRetry }) {
    Object.assign(this, { name, read, details, onChange, id: null, sha256: "" });
    this.element = document.querySelector("#upload-row").content.cloneNode(true).firstElementChild;
    this.part(".upload-name").textContent = name;
    this.part(".upload-retry").addEventListener("click", () => {
      this.restart();
      onRetry();
    });
    if (problem || details.problem) this.show({ state: "refused", message: problem || details.problem });
    else this.restart();
  }

  part(selector) {
    return this.element.querySelector(selector);
  }

  restart() {
    this.show({ state: "checking" });
  }

  // Whether this is a sidecar alone, of a micrograph that is stored (`details.stored`).
  get isSidecar() {
    return Boolean(this.details.stored);
  }

  showPlan() {
    const text = gettext("text file of %(name)s, which is stored without a scale");
    const message = this.isSidecar
      ? interpolate(text, { name: this.details.stored.filename }, true)
      : plannedText(this.details);
    this.show({ state: "planned", message });
  }

  wait(message = "") {
    this.show({ state: "waiting", message });
  }

  // The dataset has this file already, perhaps still without a scale.
  showKnown(known) {
    if (known.state === "refused") this.show(known);
    else this.show({ ...known, state: "there", state_name: null });
    this.showScaleForm(known.state === "needs_scale");
  }

  // The dataset has this file, and the plan would change it; a change that replaces a value must be ticked first.
  offerUpdate(known) {
    this.known = known;
    this.show({ ...known, state: "update", state_name: null, message: "" });
    const text = gettext("update: %(changes)s");
    this.part(".upload-update span").textContent = interpolate(text, { changes: known.update }, true);
    this.part(".upload-update input").checked = !known.overwrites;
  }

  get wantsUpdate() {
    return this.state === "update" && this.part(".upload-update input").checked;
  }

  // SHA-256 in hex. Without a secure connection browsers offer none, and a file is hashed in memory, so not a huge one;
  // the server then recognises a file that it has.
  async hash() {
    try {
      const file = await this.read();
      if (!crypto.subtle || this.sha256 || file.size > MOST_HASHED) return;
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      this.sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch (error) {
      this.show({ state: "refused", message: error.message });
    }
  }

  // `state_name`, `thumbnail` and `page` come with the server's answers.
  show({ id, state, state_name, message, thumbnail, page }) {
    this.state = state;
    this.id = id ?? this.id;
    this.element.dataset.state = state;
    const badge = this.part(".upload-state");
    badge.textContent = state_name || stateNames()[state];
    badge.className = `badge upload-state ${state}`;
    this.part(".upload-message").textContent = message ?? "";
    this.part("progress").hidden = state !== "sending";
    this.part(".upload-retry").hidden = state !== "failed";
    if (page) this.link(page);
    this.showControl("update", state === "update");
    this.showScaleForm(state === "needs_scale");
    if (thumbnail && !this.part("img")) {
      this.part(".upload-thumbnail").append(Object.assign(new Image(), { alt: "", src: thumbnail }));
    }
    this.onChange();
  }

  link(page) {
    const link = Object.assign(document.createElement("a"), { href: page, textContent: this.name });
    this.part(".upload-name").replaceChildren(link);
    this.page = page;
  }

  // A control is added when a row first needs it: five thousand hidden forms block a browser for a minute.
  showControl(name, shown) {
    if (shown && !this.part(`.upload-${name}`)) {
      this.part(".upload-about").append(document.querySelector(`#upload-row-${name}`).content.cloneNode(true));
    }
    const control = this.part(`.upload-${name}`);
    if (control) control.hidden = !shown;
  }

  showScaleForm(shown) {
    this.showControl("scale", shown);
    if (!shown) return;
    const form = this.part(".upload-scale");
    form.action = `${this.page}scale/`;
    form.onsubmit = (event) => this.setScale(event);
    this.part(".upload-measure").href = `${this.page}#set-scale`;
  }

  // Resolves to false where the server could not be reached; the row then waits to be sent again.
  async send(form) {
    this.show({ state: "sending" });
    let file;
    let sidecar;
    try {
      file = await this.read();
      sidecar = await this.details.readSidecar?.();
    } catch (error) {
      this.show({ state: "refused", message: error.message }); // deleted or changed since it was dropped
      return true;
    }
    const progress = this.part("progress");
    progress.removeAttribute("value");
    const onProgress = (share) => {
      progress.value = share;
    };
    const answer = await (file.size > LARGE
      ? this.sendInParts(form, { file, sidecar, onProgress })
      : postFile(form, file, {
          name: "file",
          fields: { ...plannedFields(this.name, this.details), ...(sidecar && { sidecar }) },
          headers: { Accept: "application/json" },
          onProgress,
        }));
    if (isUnreached(answer)) {
      this.wait(gettext("The connection is lost. It goes on by itself when the connection is back."));
      return false;
    }
    this.show(stateFrom(answer));
    return true;
  }

  // Resolves to the answer that a file sent at once would have got.
  async sendInParts(form, job) {
    const fields = fieldsInParts(form, this.name, this.details, this.sha256);
    const answer = await sendInParts({ ...job, address: form.dataset.uploads, name: this.name, fields });
    if (answer.status !== 200) return answer;
    const { code, message, micrograph } = JSON.parse(answer.text);
    if (code) return { status: 400, text: JSON.stringify({ code, message }) };
    try {
      const { micrographs } = await getJson(`${form.dataset.status}?id=${micrograph}`);
      return { status: 201, text: JSON.stringify(micrographs[0]) };
    } catch {
      return { status: 0, text: "" }; // it is stored; asked again, the server says that it is there
    }
  }

  async setScale(event) {
    event.preventDefault();
    const field = this.part("[name=pixels_per_micrometre]");
    try {
      this.show(await postForm(event.target.action, { pixels_per_micrometre: field.value }));
    } catch (error) {
      this.part(".upload-message").textContent = error.message;
      field.focus();
    }
  }
}
