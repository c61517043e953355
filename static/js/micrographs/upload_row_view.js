// What the upload page shows of a file: made when its row comes into view, dropped when it goes.
import { drawThumbnail, isReadable } from "../upload/thumbnails.js";
import { columnsOf, saidOf, withNewClass } from "./upload_fields.js";

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

export class UploadRowView {
  // `onSelect(row, checked, isRange)`: the person selects a row of the plan, or with Shift a range of them.
  constructor(row, { onSelect }) {
    this.row = row;
    this.element = document.querySelector("#upload-row").content.cloneNode(true).firstElementChild;
    this.part(".upload-name").textContent = row.name;
    this.part(".upload-name").title = row.name;
    this.part(".upload-retry").addEventListener("click", () => row.retry());
    const box = this.part(".upload-select input");
    box.ariaLabel = interpolate(gettext("Select %(name)s"), { name: row.name }, true);
    box.addEventListener("click", ({ shiftKey }) => onSelect(row, box.checked, shiftKey));
    this.showPicture();
    this.update();
  }

  part(selector) {
    return this.element.querySelector(selector);
  }

  update() {
    const { row } = this;
    this.element.dataset.state = row.state;
    const badge = this.part(".upload-state");
    badge.textContent = row.stateName || stateNames()[row.state];
    badge.className = `badge upload-state ${row.state}`;
    this.part(".upload-message").textContent = row.message;
    this.part(".upload-retry").hidden = row.state !== "failed";
    this.part(".upload-select").hidden = row.state !== "planned" || row.isSidecar;
    this.part(".upload-select input").checked = row.isSelected;
    this.updateProgress();
    this.updateColumns();
    if (row.page && !this.part(".upload-name a")) this.link();
    if (row.thumbnail && !this.part("canvas, img")) this.showPicture();
    this.updateOffer();
    this.updateScaleForm();
  }

  updateProgress() {
    const progress = this.part("progress");
    progress.hidden = this.row.state !== "sending";
    if (this.row.progress === null) progress.removeAttribute("value");
    else progress.value = this.row.progress;
  }

  updateColumns() {
    const columns = this.part(".upload-columns");
    columns.hidden = this.row.state !== "planned" || this.row.isSidecar;
    if (columns.hidden) return;
    const addsClasses = document.querySelector("#plan-add-classes").checked;
    const said = saidOf(addsClasses ? withNewClass(this.row) : this.row);
    for (const { name, text, isMissing } of columnsOf(said, this.row.details.sidecar)) {
      const cell = columns.querySelector(`[data-column=${name}]`);
      cell.textContent = text;
      cell.classList.toggle("muted", isMissing);
    }
  }

  link() {
    const { page, name } = this.row;
    this.part(".upload-name").replaceChildren(
      Object.assign(document.createElement("a"), { href: page, textContent: name }),
    );
  }

  // The server's picture, one that the browser makes of the file, or the ending of its name.
  async showPicture() {
    const { row } = this;
    const place = this.part(".upload-thumbnail");
    if (row.thumbnail) place.replaceChildren(Object.assign(new Image(), { alt: "", src: row.thumbnail }));
    else place.textContent = row.name.includes(".") ? row.name.split(".").at(-1).toUpperCase() : "";
    if (row.thumbnail || !row.read || !isReadable(row.name)) return;
    row.picture ??= await drawThumbnail(row.read, () => this.element.isConnected);
    if (row.picture) place.replaceChildren(row.picture);
  }

  // A control is added when a row first needs it: most never do.
  control(name, shown) {
    if (shown && !this.part(`.upload-${name}`)) {
      this.part(".upload-about").append(document.querySelector(`#upload-row-${name}`).content.cloneNode(true));
    }
    const control = this.part(`.upload-${name}`);
    if (control) control.hidden = !shown;
    return control;
  }

  updateOffer() {
    const { row } = this;
    const offer = this.control("update", row.state === "update");
    if (row.state !== "update") return;
    const box = offer.querySelector("input");
    box.checked = row.wantsUpdate;
    box.onchange = () => {
      row.wantsUpdate = box.checked;
    };
    offer.querySelector("span").textContent = interpolate(
      gettext("update: %(changes)s"),
      { changes: row.known.update },
      true,
    );
  }

  updateScaleForm() {
    const { row } = this;
    const form = this.control("scale", row.asksScale);
    if (!row.asksScale) return;
    form.onsubmit = (event) => this.setScale(event);
    form.querySelector(".upload-measure").href = `${row.page}#set-scale`;
  }

  async setScale(event) {
    event.preventDefault();
    const field = this.part("[name=pixels_per_micrometre]");
    try {
      await this.row.setScale(field.value);
    } catch (error) {
      this.part(".upload-message").textContent = error.message;
      field.focus();
    }
  }
}
