// The micrographs to label, in order. Those seen stay in the list, to go back to; the next ones are fetched ahead.
import { getJson } from "../core/request.js";

const AHEAD = 5; // micrographs left when more are fetched
const PRELOADED = 3; // images loaded before they are shown

export class LabellingQueue {
  constructor(items, address, query) {
    Object.assign(this, { items, address, query, index: 0, more: items.length > 0, fetching: null, images: [] });
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
    const fetched = this.fetchWhenFew();
    if (this.current)
      fetched.catch(() => {}); // fetched again with the next move
    else await fetched;
    this.preload();
  }

  async fetchWhenFew() {
    if (this.more && this.items.length - this.index <= AHEAD)
      this.fetching ??= this.fetch().finally(() => {
        this.fetching = null;
      });
    return this.fetching;
  }

  async fetch() {
    const query = new URLSearchParams(this.query);
    const last = this.items.at(-1);
    query.set("after", last.place ?? last.id);
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
