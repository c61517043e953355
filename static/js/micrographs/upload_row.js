// One file of an upload. Its states: planned, checking, waiting, sending, reading, ready, needs_scale, there (in the
// dataset already), update (there, but the plan would change it), refused, or failed (it never arrived). What the page
// shows of it is in upload_row_view.js.
import { getJson, postForm } from "../core/request.js";
import { LARGE, sendInParts } from "../upload/resumable.js";
import { isUnreached, postFile } from "../upload/transfer.js";
import { formFields, knownFields, saidOf } from "./upload_fields.js";

const MOST_HASHED = 512 * 2 ** 20; // bytes
const REFUSED = [400, 409, 413, 422];

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
  // `details`: what the plan says of the file; `common`: what the person says of all files, `chosen`: of this one.
  constructor({ name, read, problem }, details, { common, chosen = {}, onChange, onRetry }) {
    Object.assign(this, { name, read, details, common, chosen, onChange, onRetry });
    Object.assign(this, { id: null, sha256: "", message: "", progress: null, isSelected: false, wantsUpdate: false });
    if (problem || details.problem) this.show({ state: "refused", message: problem || details.problem });
    else this.restart();
  }

  restart() {
    this.show({ state: "checking" });
  }

  retry() {
    this.restart();
    this.onRetry();
  }

  // Whether this is a sidecar alone, of a micrograph that is stored (`details.stored`).
  get isSidecar() {
    return Boolean(this.details.stored);
  }

  get said() {
    return saidOf(this);
  }

  // Says something of this file alone.
  choose(name, value) {
    this.chosen[name] = value;
    this.onChange(this);
  }

  select(isSelected) {
    this.isSelected = isSelected;
    this.onChange(this);
  }

  showPlan() {
    const text = gettext("text file of %(name)s, which is stored without a scale");
    const message = this.isSidecar ? interpolate(text, { name: this.details.stored.filename }, true) : "";
    this.show({ state: "planned", message });
  }

  wait(message = "") {
    this.show({ state: "waiting", message });
  }

  // The dataset has this file already, perhaps still without a scale.
  showKnown(known) {
    const isThere = known.state !== "refused";
    this.show(
      isThere ? { ...known, state: "there", state_name: null, asksScale: known.state === "needs_scale" } : known,
    );
  }

  // The dataset has this file, and the plan would change it; a change that replaces a value must be ticked first.
  offerUpdate(known) {
    this.known = known;
    this.wantsUpdate = !known.overwrites;
    this.show({ ...known, state: "update", state_name: null, message: "" });
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
  show({ id, state, state_name, message, thumbnail, page, asksScale = state === "needs_scale" }) {
    this.id = id ?? this.id;
    this.page = page || this.page;
    this.thumbnail = thumbnail || this.thumbnail;
    Object.assign(this, { state, stateName: state_name, message: message ?? "", asksScale });
    if (state !== "planned") this.isSelected = false;
    this.onChange(this);
  }

  // Resolves to false where the server could not be reached; the row then waits to be sent again.
  async send(form) {
    this.progress = null;
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
    const onProgress = (share) => {
      this.progress = share;
      this.onChange(this);
    };
    const answer = await (file.size > LARGE
      ? this.sendInParts(form, { file, sidecar, onProgress })
      : postFile(form, file, {
          name: "file",
          fields: { ...formFields(this.said), path: this.name, ...(sidecar && { sidecar }) },
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
    const fields = knownFields(this.said);
    if (this.sha256) fields.sha256 = this.sha256;
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

  // Throws an Error with the reason where the scale is refused.
  async setScale(scale) {
    this.show(await postForm(`${this.page}scale/`, { pixels_per_micrometre: scale }));
  }
}
