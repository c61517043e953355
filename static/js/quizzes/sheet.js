// The questions of one ballot with the reader's choices, sent through the outbox, the same in every tab.
import { Outbox } from "./outbox.js";

export class Sheet extends EventTarget {
  // Events: "change" when something to be shown has changed; "told" (detail: a question's number and a sentence for the reader).
  constructor(data, form) {
    super();
    this.questions = data.questions;
    this.outbox = new Outbox(data.ballot, form.action, form.csrfmiddlewaretoken.value, (...news) =>
      this.#hear(...news),
    );
    this.channel = new BroadcastChannel(`quiz-${data.ballot}`);
    this.channel.onmessage = ({ data: { key, ...given } }) => {
      Object.assign(this.#find(key) ?? {}, given);
      this.#tell("change");
    };
    for (const question of this.questions) {
      question.acknowledged = { choice: question.choice, confidence: question.confidence, stamp: question.stamp };
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
    return this.outbox.put(question.key, { choice, confidence, activeMs, over: question.acknowledged.stamp });
  }

  #hear(key, state, detail) {
    const question = this.#find(key);
    if (!question) return;
    question.state = state;
    if (state === "saved") {
      question.acknowledged = { choice: detail.saved, confidence: detail.confidence, stamp: detail.stamp };
      this.channel.postMessage({ key, ...question.acknowledged, acknowledged: question.acknowledged, state });
    }
    // What is kept is shown, unless the reader has chosen anew meanwhile.
    if (["saved", "refused"].includes(state) && !this.outbox.holds(key)) {
      Object.assign(question, question.acknowledged);
      const sentence = detail.message;
      if (sentence) this.#tell("told", { number: question.number, sentence });
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
