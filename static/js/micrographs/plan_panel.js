// What an upload would do, shown before anything is sent. The person says more of all files or of selected ones, and
// sends them or cancels.
import { SelectionRange } from "./selection_range.js";

const $ = (id) => document.querySelector(`#${id}`);

export class PlanPanel {
  constructor({ onSend, onCancel }) {
    this.current = null;
    this.fields = [...$("plan-fields").querySelectorAll("input:not([type=hidden]), select")];
    for (const field of this.fields) field.addEventListener("input", () => this.#say(field));
    $("plan-add-classes").addEventListener("change", () => this.#showRows());
    $("plan-all").addEventListener("click", ({ target }) => this.#selectAll(target.checked));
    $("plan-cancel").addEventListener("click", () => onCancel(this.close()));
    $("plan-send").addEventListener("click", () => {
      if (this.fields.every((field) => field.reportValidity()))
        onSend({ ...this.current, addClasses: this.addClasses });
    });
  }

  get isOpen() {
    return this.current !== null;
  }

  shows(rows) {
    return this.current?.rows === rows;
  }

  // The new classes, where the person lets them be added.
  get addClasses() {
    return $("plan-add-classes").checked ? this.current.plan.newClasses : [];
  }

  // `rows` share the object `common`, which holds what is said of all of them.
  open({ files, plan, rows, common }) {
    this.current = { files, plan, rows, common };
    this.#showNotes(plan);
    if (plan.newClasses.length) this.#showRows();
    this.#startSelection();
    this.#showCounts();
    this.#show(true);
    $("plan-send").focus();
  }

  // Returns what was open.
  close() {
    const { current } = this;
    this.current = null;
    this.#show(false);
    return current;
  }

  #show(isShown) {
    $("upload-plan").toggleAttribute("data-open", isShown);
    for (const part of ["plan-about", "plan-actions"]) $(part).hidden = !isShown;
  }

  // With Shift from the row that was selected before.
  select(row, isSelected, isRange) {
    const index = this.selectable.indexOf(row);
    if (isRange) this.selection.setRange(index, isSelected);
    else this.selection.set(index, isSelected);
    this.#showSelection();
  }

  // A row that turns out to be stored already can't be selected any more.
  refresh() {
    if (this.selectable.some(({ state }) => state !== "planned")) this.#startSelection();
    this.#showCounts();
  }

  #showCounts() {
    const { rows } = this.current;
    const refused = rows.filter(({ state }) => state === "refused").length;
    const there = rows.filter(({ state }) => state === "there").length;
    const count = rows.length - refused - there;
    const texts = [
      [ngettext("%(count)s file is ready to be sent.", "%(count)s files are ready to be sent.", count), count],
      [ngettext("%(count)s is there already.", "%(count)s are there already.", there), there],
      [ngettext("%(count)s can't be sent.", "%(count)s can't be sent.", refused), refused],
    ];
    const shown = texts.filter(([, number], index) => number || index === 0);
    $("plan-summary").textContent = shown.map(([text, number]) => interpolate(text, { count: number }, true)).join(" ");
    const send = ngettext("Send %(count)s file", "Send %(count)s files", count);
    $("plan-send").textContent = count ? interpolate(send, { count }, true) : gettext("Close the plan");
  }

  #startSelection() {
    this.selectable = this.current.rows.filter((row) => row.state === "planned" && !row.isSidecar);
    this.selection = new SelectionRange(this.selectable.map(({ isSelected }) => isSelected));
    $("plan-all").closest("label").hidden = this.selectable.length < 2;
    this.#showSelection();
  }

  get #selected() {
    return this.selectable.filter((_, index) => this.selection.chosen[index]);
  }

  #selectAll(isSelected) {
    this.selection.setAll(isSelected);
    this.#showSelection();
  }

  #showSelection() {
    const { count } = this.selection;
    for (const [index, row] of this.selectable.entries()) {
      if (row.isSelected !== this.selection.chosen[index]) row.select(this.selection.chosen[index]);
    }
    $("plan-all").checked = count > 0 && count === this.selectable.length;
    $("plan-all").indeterminate = count > 0 && count < this.selectable.length;
    const some = ngettext("For the %(count)s selected file", "For the %(count)s selected files", count);
    $("plan-whose").textContent = count ? interpolate(some, { count }, true) : gettext("For all files");
    for (const field of this.fields) field.value = this.#valueOf(field.name);
  }

  // What is said of all files, or what the selected ones have in common.
  #valueOf(name) {
    const said = new Set(this.#selected.map((row) => row.said[name] ?? ""));
    if (!said.size) return this.current.common[name] ?? "";
    return said.size === 1 ? [...said][0] : "";
  }

  #say(field) {
    if (!field.validity.valid) return;
    const selected = this.#selected;
    for (const row of selected) row.choose(field.name, field.value);
    if (selected.length) return;
    this.current.common[field.name] = field.value;
    this.#showRows();
  }

  #showRows() {
    for (const row of this.current.rows) row.onChange(row);
  }

  #showNotes({ missing, missingCount, newClasses, notes }) {
    const missingText = gettext("The manifest also names %(count)s files that were not dropped: %(names)s");
    const names = missing.join(", ") + (missingCount > missing.length ? "…" : "");
    $("plan-missing").hidden = !missing.length;
    $("plan-missing").textContent = interpolate(missingText, { count: missingCount, names }, true);
    $("plan-notes").hidden = !notes.length;
    $("plan-notes").textContent = notes.join(" ");
    $("plan-classes").hidden = !newClasses.length;
    $("plan-class-names").textContent = newClasses.join(", ");
    $("plan-add-classes").checked = true;
  }
}
