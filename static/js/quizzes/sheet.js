// The questions of one ballot with the reader's choices, sent through the outbox, the same in every tab.
import { Outbox } from "./outbox.js";

export class Sheet extends EventTarget {
  // Events: "change" when something to be shown has changed; "refusal" (detail: the number of the question and a
  // message for the reader).
  constructor(data, form) {
    super();
    this.questions = data.questions;
    this.isPreview = Boolean(data.preview); // nothing is sent
    this.outbox = new Outbox(data.ballot, form.action, form.csrfmiddlewaretoken.value, (...change) =>
      this.#onOutbox(...change),
    );
    this.channel = new BroadcastChannel(`quiz-${data.ballot}`);
    this.channel.onmessage = ({ data: { key, ...values } }) => {
      Object.assign(this.#find(key) ?? {}, values);
      this.#emit("change");
    };
    for (const question of this.questions) {
      question.acknowledged = { choice: question.choice, confidence: question.confidence, stamp: question.stamp };
      question.state = question.choice ? "saved" : "";
    }
    // A choice that was made before the page was left, and never acknowledged, still counts.
    for (const [key, { choice, confidence }] of Object.entries(this.outbox.entries)) {
      const question = this.#find(key);
      if (question) Object.assign(question, { choice, confidence, state: "kept" });
    }
  }

  get answered() {
    return this.questions.filter((question) => question.choice).length;
  }

  answer(question, choice, confidence, activeMs) {
    Object.assign(question, { choice, confidence, state: this.isPreview ? "" : "sending" });
    this.#emit("change");
    if (this.isPreview) return Promise.resolve();
    return this.outbox.put(question.key, { choice, confidence, activeMs, over: question.acknowledged.stamp });
  }

  #onOutbox(key, state, detail) {
    const question = this.#find(key);
    if (!question) return;
    question.state = state;
    if (state === "saved") {
      question.acknowledged = { choice: detail.saved, confidence: detail.confidence, stamp: detail.stamp };
      this.channel.postMessage({ key, ...question.acknowledged, acknowledged: question.acknowledged, state });
    }
    // Show what the server has, unless the reader has chosen again meanwhile.
    if (["saved", "refused"].includes(state) && !this.outbox.holds(key)) {
      Object.assign(question, question.acknowledged);
      if (detail.message) this.#emit("refusal", { number: question.number, message: detail.message });
    }
    this.#emit("change");
  }

  #find(key) {
    return this.questions.find((question) => question.key === key);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
