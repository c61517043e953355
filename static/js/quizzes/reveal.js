// Teaching mode: shows the truth and the model's answer once the server has acknowledged the reader's.
export class Reveal {
  constructor(place) {
    this.place = place;
    this.texts = new Map();
  }

  get isOn() {
    return this.place !== null;
  }

  async show(question) {
    const key = question.acknowledged.choice ? question.key : "";
    if (!this.isOn || key === this.shown) return;
    this.shown = key;
    this.place.replaceChildren();
    if (!key) return;
    if (!this.texts.has(key)) this.texts.set(key, await this.#fetch(question.truth));
    if (this.shown === key) this.place.innerHTML = this.texts.get(key);
  }

  async #fetch(address) {
    const response = await fetch(address);
    return response.ok ? response.text() : "";
  }
}
