// What an upload would do, shown before anything is sent: the person sends it or cancels.
const $ = (id) => document.querySelector(`#${id}`);

export class PlanDialog {
  constructor({ onSend }) {
    this.current = null;
    $("plan-cancel").addEventListener("click", () => this.cancel());
    $("plan-send").addEventListener("click", () => onSend({ ...this.current, addClasses: this.addClasses }));
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

  open({ files, plan, rows, refused }) {
    this.current = { files, plan, rows };
    const { missing, missingCount, newClasses, notes } = plan;
    const summary = gettext("%(count)s files are ready to be sent, %(refused)s are not.");
    $("plan-summary").textContent = interpolate(summary, { count: rows.length - refused, refused }, true);
    const missingText = gettext("The manifest also names %(count)s files that were not dropped: %(names)s");
    const names = missing.join(", ") + (missingCount > missing.length ? "…" : "");
    $("plan-missing").hidden = !missing.length;
    $("plan-missing").textContent = interpolate(missingText, { count: missingCount, names }, true);
    $("plan-notes").hidden = !notes.length;
    $("plan-notes").textContent = notes.join(" ");
    $("plan-classes").hidden = !newClasses.length;
    $("plan-class-names").textContent = newClasses.join(", ");
    $("plan-add-classes").checked = true;
    $("upload-plan").hidden = false;
    $("plan-send").focus();
  }

  close() {
    this.current = null;
    $("upload-plan").hidden = true;
  }

  // Removes the rows of the plan and returns its files.
  cancel() {
    const { files, rows } = this.current;
    for (const row of rows) row.element.remove();
    this.close();
    return files;
  }
}
