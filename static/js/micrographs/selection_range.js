// Which tiles of a list are chosen, with the anchor of a range (Shift) as file managers have it.
export class SelectionRange {
  constructor(chosen) {
    this.chosen = [...chosen];
    this.anchor = 0;
  }

  get count() {
    return this.chosen.filter(Boolean).length;
  }

  set(index, checked) {
    this.chosen[index] = checked;
    this.anchor = index;
  }

  // From the anchor, which stays, to `index`.
  setRange(index, checked) {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    this.chosen.fill(checked, from, to + 1);
  }

  setAll(checked) {
    this.chosen.fill(checked);
  }
}

// How many tiles an arrow key moves by, in rows of `columns` tiles; undefined for another key.
export function arrowStep(key, columns) {
  return { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
}
