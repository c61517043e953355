// One file of an upload: planned, checking, waiting, sending, reading, ready, needs_scale, there, refused, or failed
// (never arrived). `told` is what the plan says of it: label, scale, specimen, modality, split, or problem.
import { postForm } from "../core/request.js";

const UNREACHED = [0, 502, 503, 504]; // the server, or the one behind it, is not there: starting again, for example
const template = document.querySelector("#upload-row");

export class UploadRow {
  constructor({ name, read, problem }, told, words, { onChange, onRetry }) {
    Object.assign(this, { name, read, told, words, onChange, id: null, sha256: "" });
    this.element = template.content.cloneNode(true).firstElementChild;
    this.part = (selector) => this.element.querySelector(selector);
    this.part(".upload-name").textContent = name;
    this.part(".upload-retry").addEventListener("click", () => {
      this.again();
      onRetry();
    });
    this.part(".upload-scale").addEventListener("submit", (event) => this.setScale(event));
    if (problem || told.problem) this.show({ state: "refused", message: problem || told.problem });
    else this.again();
  }

  // What the plan says of it, as a person reads it.
  get planned() {
    const { label, pixels_per_micrometre: scale, specimen, modality, split } = this.told;
    return [label || this.words.unlabelled, scale && `${Number(scale.toPrecision(4))} px/µm`, specimen, modality, split]
      .filter(Boolean)
      .join(" · ");
  }

  again() {
    this.show({ state: "checking", message: "" });
  }

  wait(message = "") {
    this.show({ state: "waiting", message });
  }

  // The dataset has it from before, perhaps still without a scale.
  knownAs(told) {
    this.show({ ...told, state: told.state === "refused" ? "refused" : "there" });
    this.part(".upload-scale").hidden = told.state !== "needs_scale";
  }

  // SHA-256 in hex; without a secure connection browsers give none, and the server tells what it has by itself.
  async hash() {
    try {
      const file = await this.read();
      if (!crypto.subtle) return;
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      this.sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch (error) {
      this.show({ state: "refused", message: error.message });
    }
  }

  show({ id, state, message, thumbnail, page }) {
    this.state = state;
    this.id = id ?? this.id;
    this.element.dataset.state = state;
    const badge = this.part(".upload-state");
    badge.textContent = this.words[state];
    badge.className = `badge upload-state ${state}`;
    this.part(".upload-message").textContent = message ?? "";
    this.part("progress").hidden = state !== "sending";
    this.part(".upload-retry").hidden = state !== "failed";
    this.part(".upload-scale").hidden = state !== "needs_scale";
    if (page) this.link(page);
    if (thumbnail && !this.part("img")) {
      const image = new Image();
      image.alt = "";
      image.src = thumbnail;
      this.part(".upload-thumbnail").append(image);
    }
    this.onChange();
  }

  link(page) {
    const link = Object.assign(document.createElement("a"), { href: page, textContent: this.name });
    this.part(".upload-name").replaceChildren(link);
    this.part(".upload-scale").action = `${page}scale/`;
    this.part(".upload-measure").href = `${page}#set-scale`;
  }

  // Resolves when the request has ended: false where it reached nobody, and waits to be sent again.
  async send(form) {
    this.show({ state: "sending", message: "" });
    const body = new FormData(form);
    body.delete("file");
    try {
      body.append("file", await this.read());
    } catch (error) {
      this.show({ state: "refused", message: error.message }); // gone, or changed, since it was dropped
      return true;
    }
    body.set("path", this.name);
    const { label, pixels_per_micrometre: scale, specimen, modality, split } = this.told;
    const own = { label, pixels_per_micrometre: scale, specimen, modality, split };
    if (scale) Object.assign(own, { scale_source: this.told.scale_source, scale_note: this.told.scale_note });
    for (const [name, value] of Object.entries(own)) if (value) body.set(name, value);
    const progress = this.part("progress");
    progress.removeAttribute("value");
    return new Promise((resolve) => {
      // fetch tells no progress of what it sends
      const request = new XMLHttpRequest();
      request.open("POST", form.action || location.href);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = total ? loaded / total : 0));
      request.addEventListener("loadend", () => {
        const arrived = !UNREACHED.includes(request.status);
        if (arrived) this.show(this.answerOf(request));
        else this.wait(this.words.offline);
        resolve(arrived);
      });
      request.send(body);
    });
  }

  answerOf({ status, response }) {
    if (response?.state) return response;
    return { state: "failed", message: response?.message ?? `The server answered ${status}.` };
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
