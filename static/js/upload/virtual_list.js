// A list of thousands of rows of which only those in view, and some beside them, are in the page. Heights differ and
// are measured as rows are shown; the others are taken to be as high as the rows are on average.
const BESIDE = 800; // pixels above and below the window that are filled

// The rows between two heights in the list: from `first` up to, but not including, `end`, and the heights around them.
export function rowsBetween(heights, from, to) {
  let first = 0;
  let before = 0;
  while (first < heights.length - 1 && before + heights[first] <= from) before += heights[first++];
  let end = first;
  let bottom = before;
  while (end < heights.length && (bottom < to || end === first)) bottom += heights[end++];
  const after = heights.slice(end).reduce((sum, height) => sum + height, 0);
  return { first, end, before, after };
}

export class VirtualList {
  // `create(item)`: a view of it with `element` and `update()`.
  constructor(list, { create, estimate }) {
    Object.assign(this, { list, create, estimate, items: [], views: new Map(), heights: new Map(), isDue: false });
    addEventListener("scroll", () => this.renderSoon(), { passive: true });
    addEventListener("resize", () => {
      this.heights.clear();
      this.renderSoon();
    });
  }

  show(items) {
    this.items = items;
    this.render();
  }

  // To be called when an item has changed.
  update(item) {
    this.views.get(item)?.update();
    this.renderSoon();
  }

  // At most once a frame.
  renderSoon() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.render();
    });
  }

  render() {
    const { top } = this.list.getBoundingClientRect();
    const usual = this.#usualHeight();
    const heights = this.items.map((item) => this.heights.get(item) ?? usual);
    const { first, end, before, after } = rowsBetween(heights, -top - BESIDE, innerHeight - top + BESIDE);
    this.#mount(this.items.slice(first, end), first);
    this.list.style.paddingTop = `${before}px`;
    this.list.style.paddingBottom = `${after}px`;
    if (this.#measure()) this.renderSoon();
  }

  // Moves nothing that stays, so that what has the focus keeps it.
  #mount(items, first) {
    const wanted = new Set(items);
    for (const [item, { element }] of this.views) {
      if (wanted.has(item)) continue;
      element.remove();
      this.views.delete(item);
    }
    let next = this.list.firstElementChild;
    for (const [index, item] of items.entries()) {
      const element = this.#elementOf(item);
      element.ariaSetSize = this.items.length;
      element.ariaPosInSet = first + index + 1;
      if (element === next) next = next.nextElementSibling;
      else this.list.insertBefore(element, next);
    }
  }

  #elementOf(item) {
    if (!this.views.has(item)) this.views.set(item, this.create(item));
    return this.views.get(item).element;
  }

  // Whether a height is another one than was reckoned with.
  #measure() {
    let differs = false;
    for (const [item, { element }] of this.views) {
      const height = element.offsetHeight;
      differs ||= height !== this.heights.get(item);
      this.heights.set(item, height);
    }
    return differs;
  }

  #usualHeight() {
    if (!this.heights.size) return this.estimate;
    return [...this.heights.values()].reduce((sum, height) => sum + height, 0) / this.heights.size;
  }
}
