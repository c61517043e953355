// The questions of one ballot with the reader's choices, sent through the outbox, the same in every tab.
import { Outbox } from "./quiz_outbox.js";

export class Sheet extends EventTarget {
  // Events: "change" when something to be shown has changed; "refused" (detail: a sentence); "saved" (detail: a key).
  constructor(data, form) {
    super();
    this.questions = data.questions;
    this.outbox = new Outbox(data.ballot, form.action, form.csrfmiddlewaretoken.value, (...news) => this.#hear(...news));
    this.channel = new BroadcastChannel(`quiz-${data.ballot}`);
    this.channel.onmessage = ({ data: { key, ...given } }) => {
      Object.assign(this.#find(key) ?? {}, given);
      this.#tell("change");
    };
    for (const question of this.questions) {
      question.acknowledged = { choice: question.choice, confidence: question.confidence };
      question.state = question.choice ? "saved" : "";
    }
    // What was chosen before the page was left, and never acknowledged, is still the reader's choice.
    for (const [key, { choice, confidence }] of Object.entries(this.outbox.entries)) {
      const question = this.#find(key);
      if (question) Object.assign(question, { choice, confidence, state: "kept" });
    }
  }

  get answered() {
    return this.questions.filter((question) => question.choice).length;
  }

  answer(question, choice, confidence, activeMs) {
    Object.assign(question, { choice, confidence, state: "sending" });
    this.#tell("change");
    return this.outbox.put(question.key, { choice, confidence, activeMs });
  }

  #hear(key, state, detail) {
    const question = this.#find(key);
    if (!question) return;
    question.state = state;
    if (state === "saved") {
      question.acknowledged = { choice: detail.saved, confidence: detail.confidence };
      this.channel.postMessage({ key, ...question.acknowledged, acknowledged: question.acknowledged, state });
      this.#tell("saved", key);
    }
    if (state === "refused") {
      Object.assign(question, question.acknowledged);
      this.#tell("refused", detail);
    }
    this.#tell("change");
  }

  #find(key) {
    return this.questions.find((question) => question.key === key);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
