import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowStep, SelectionRange } from "../../../static/js/micrographs/selection_range.js";

const empty = () => new SelectionRange(Array(6).fill(false));
const chosenOf = ({ chosen }) => chosen.flatMap((on, index) => (on ? [index] : []));

test("a range goes from the last single choice, in either direction", () => {
  const selection = empty();
  selection.set(3, true);
  selection.setRange(5, true);
  assert.deepEqual(chosenOf(selection), [3, 4, 5]);
  selection.setRange(1, true);
  assert.deepEqual(chosenOf(selection), [1, 2, 3, 4, 5]);
  assert.equal(selection.anchor, 3);
});

test("all and none", () => {
  const selection = empty();
  selection.setAll(true);
  assert.equal(selection.count, 6);
  selection.setAll(false);
  assert.equal(selection.count, 0);
});

test("up and down move by a row of tiles", () => {
  assert.equal(arrowStep("ArrowDown", 4), 4);
  assert.equal(arrowStep("ArrowUp", 4), -4);
  assert.equal(arrowStep("Enter", 4), undefined);
});
