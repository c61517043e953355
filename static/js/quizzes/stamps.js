// Numbers the choices of one ballot in this browser, so that the server knows which of two came later without clocks.
// The browser has a different random name for each ballot, so that ballots can't be linked to one device.
// Not randomUUID: it is missing where a laboratory's server is reached without TLS.
const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Stamps {
  constructor(ballot) {
    this.name = `quiz-stamps-${ballot}`;
    this.last = { browser: random(), count: 0 };
  }

  next() {
    try {
      this.last = JSON.parse(localStorage.getItem(this.name)) ?? this.last;
    } catch {
      // Without storage this page counts as a browser of its own.
    }
    this.last = { ...this.last, count: this.last.count + 1 };
    try {
      localStorage.setItem(this.name, JSON.stringify(this.last));
    } catch {
      // As above.
    }
    return `${this.last.browser}:${this.last.count}`;
  }
}
