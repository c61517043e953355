import assert from "node:assert/strict";
import { test } from "node:test";
import { bits, isStep, nearest } from "../../../static/js/training/map_walk.js";

// A cross: the middle, and one point in each direction; a second crop of the middle's micrograph lies beside it.
const crops = { x: [0, 0.1, 2, -3, 0, 0], y: [0, 0, 0, 0, 200, -300], owner: [0, 0, 1, 2, 3, 4] };

test("an arrow leads to the nearest crop of another micrograph in its direction, whatever the axes' units", () => {
  assert.equal(nearest(crops, 0, "ArrowRight"), 2);
  assert.equal(nearest(crops, 0, "ArrowLeft"), 3);
  assert.equal(nearest(crops, 0, "ArrowUp"), 4);
  assert.equal(nearest(crops, 0, "ArrowDown"), 5);
});

test("where nothing lies in that direction one stays", () => {
  assert.equal(nearest(crops, 2, "ArrowRight"), 2);
});

test("crops whose micrograph can't be opened are passed over", () => {
  assert.equal(nearest({ ...crops, owner: [0, 0, -1, 2, 3, 4] }, 0, "ArrowRight"), 0);
});

test("only arrows are steps", () => {
  assert.equal(isStep("ArrowUp"), true);
  assert.equal(isStep("Enter"), false);
});

test("a choice has one bit for each micrograph, the first one lowest, in base64 for addresses", () => {
  assert.equal(bits([0], 3), "AQ");
  assert.equal(bits([1, 8], 9), "AgE");
  assert.equal(bits([...Array(16).keys()], 16), "__8");
  assert.equal(bits([], 4), "AA");
});
