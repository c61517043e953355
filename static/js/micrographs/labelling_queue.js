// The micrographs to label, in order: those seen stay, so that one can go back; the next ones are asked for ahead.
import { getJson } from "../core/request.js";

const AHEAD = 5; // micrographs left when more are asked for
const PRELOADED = 3; // images loaded before they are shown

export class LabellingQueue {
  constructor(items, address, query) {
    Object.assign(this, { items, address, query, index: 0, more: items.length > 0, asked: null, images: [] });
    this.preload();
  }

  get current() {
    return this.items[this.index];
  }

  get atStart() {
    return this.index === 0;
  }

  moveTo(item) {
    this.index = this.items.indexOf(item);
  }

  async move(step) {
    this.index = Math.max(0, Math.min(this.items.length, this.index + step));
    const asked = this.askWhenFew();
    if (this.current)
      asked.catch(() => {}); // asked again with the next move
    else await asked;
    this.preload();
  }

  async askWhenFew() {
    if (this.more && this.items.length - this.index <= AHEAD)
      this.asked ??= this.ask().finally(() => (this.asked = null));
    return this.asked;
  }

  async ask() {
    const query = new URLSearchParams(this.query);
    query.set("after", this.items.at(-1).id);
    const { items } = await getJson(`${this.address}?${query}`);
    this.more = items.length > 0;
    this.items.push(...items);
  }

  preload() {
    this.images = this.items.slice(this.index + 1, this.index + 1 + PRELOADED).map(({ image }) => {
      const ahead = new Image();
      ahead.src = image;
      return ahead;
    });
  }
}
