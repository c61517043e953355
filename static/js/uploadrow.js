// One file of an upload: waiting, sending, reading, ready, needs_scale, refused, or failed (never arrived).
import { postForm } from "./request.js";

const template = document.querySelector("#upload-row");

export class UploadRow {
  constructor(file, name, words, { onChange, onRetry }) {
    Object.assign(this, { file, name, words, onChange, id: null });
    this.element = template.content.cloneNode(true).firstElementChild;
    this.part = (selector) => this.element.querySelector(selector);
    this.part(".upload-name").textContent = name;
    this.part(".upload-retry").addEventListener("click", () => {
      this.wait();
      onRetry();
    });
    this.part(".upload-scale").addEventListener("submit", (event) => this.setScale(event));
    this.wait();
  }

  wait() {
    this.show({ state: "waiting", message: "" });
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

  // Resolves when the request has ended, however it did.
  send(form) {
    const body = new FormData(form);
    body.delete("file");
    body.append("file", this.file);
    body.append("path", this.name);
    const progress = this.part("progress");
    progress.removeAttribute("value");
    this.show({ state: "sending", message: "" });
    return new Promise((resolve) => {
      // fetch tells no progress of what it sends
      const request = new XMLHttpRequest();
      request.open("POST", form.action || location.href);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = total ? loaded / total : 0));
      request.addEventListener("loadend", () => {
        this.show(this.answerOf(request));
        resolve();
      });
      request.send(body);
    });
  }

  answerOf({ status, response }) {
    if (response?.state) return response;
    const message = status ? `${response?.message ?? `The server answered ${status}.`}` : this.words.offline;
    return { state: "failed", message };
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
