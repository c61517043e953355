// Labels that a model contradicts: the evidence of each, the decision to keep one, and how many were decided on.
import { postForm } from "../core/request.js";

const percent = (share) => `${Math.round(100 * share)} %`;

export class LabelReview {
  constructor(evidence, total) {
    Object.assign(this, { evidence, total: Number(total), done: 0 });
  }

  get progress() {
    return { labelled: this.done, total: this.total };
  }

  decided(count) {
    this.done += count;
    this.total = Math.max(this.total, this.done); // others may be added meanwhile
  }

  show(item, nameOf) {
    const text = gettext(
      "Version %(version)s predicts %(predicted)s (%(probability)s). It gives the label %(label)s %(for_label)s.",
    );
    const given = {
      version: item.version,
      predicted: nameOf(item.predicted),
      probability: percent(item.probability),
      label: nameOf(item.contradicted ?? item.label),
      for_label: percent(item.for_label),
    };
    item.contradicted ??= item.label; // the evidence is about the label as it was
    this.evidence.textContent = interpolate(text, given, true);
  }

  send(item, kept) {
    return postForm(item.keep, { kept: kept ? "1" : "", seen: item.label });
  }
}
