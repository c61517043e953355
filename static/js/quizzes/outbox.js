// Answers that the server has not acknowledged yet: kept in the browser and sent again until it has.
// One entry per question; sending twice is harmless, since the server keeps one row per question.
import { Stamps } from "./stamps.js";

const RETRY_MS = [1000, 2000, 5000, 10000, 30000];

// Only this server's own JSON settles an answer, saved or refused; a proxy's or a firewall's page does not.
const isFromServer = (response) =>
  response.status <= 400 && response.headers.get("Content-Type")?.startsWith("application/json");

// Signing in or out in another tab replaces the token that this page was rendered with.
const currentToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

export class Outbox {
  // `onChange(questionKey, state, detail)`: state is "sending", "saved", "kept" or "refused"; `detail`: the JSON of
  // the answer.
  constructor(ballot, address, csrfToken, onChange) {
    this.name = `quiz-outbox-${ballot}`;
    this.stamps = new Stamps(ballot);
    this.address = address;
    this.csrfToken = csrfToken;
    this.onChange = onChange;
    this.failures = 0;
    this.sending = null;
    addEventListener("online", () => this.flush());
  }

  get entries() {
    if (this.unstored) return this.unstored;
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? {};
    } catch {
      return {};
    }
  }

  set entries(entries) {
    try {
      if (Object.keys(entries).length) localStorage.setItem(this.name, JSON.stringify(entries));
      else localStorage.removeItem(this.name);
      this.unstored = null;
    } catch {
      this.unstored = entries; // Storage may be full or forbidden: the answers then live as long as the page.
    }
  }

  get isEmpty() {
    return Object.keys(this.entries).length === 0;
  }

  // `answer`: choice, confidence, activeMs, and `over`, the stamp of the answer that was shown until now.
  put(question, answer) {
    this.entries = { ...this.entries, [question]: { ...answer, stamp: this.stamps.next() } };
    return this.flush();
  }

  holds(question) {
    return question in this.entries;
  }

  // Sends what is there, one after the other; two calls share one run.
  flush() {
    this.sending ??= this.#sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async #sendAll() {
    clearTimeout(this.timer);
    for (let [next] = Object.entries(this.entries); next; [next] = Object.entries(this.entries)) {
      const [question, answer] = next;
      this.onChange(question, "sending");
      let response;
      try {
        response = await this.#send(question, answer);
      } catch {
        response = null;
      }
      if (!response || !isFromServer(response)) return this.#tryLater();
      this.failures = 0;
      await this.#settle(question, answer, response);
    }
  }

  #send(question, { choice, confidence, activeMs, stamp = "", over = "" }) {
    return fetch(this.address, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": currentToken() ?? this.csrfToken },
      body: new URLSearchParams({
        question,
        choice,
        confidence: confidence ?? "",
        active_ms: Math.round(activeMs),
        stamp,
        over,
      }),
      keepalive: true,
    });
  }

  async #settle(question, { stamp }, response) {
    const entries = this.entries;
    // A choice that was made meanwhile stays to be sent.
    if (entries[question]?.stamp === stamp) {
      delete entries[question];
      this.entries = entries;
    }
    const body = await response.json();
    if (response.ok) this.onChange(question, "saved", body);
    else this.onChange(question, "refused", body);
  }

  #tryLater() {
    for (const question of Object.keys(this.entries)) this.onChange(question, "kept");
    this.timer = setTimeout(() => this.flush(), RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
    this.failures += 1;
  }
}
