import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsBetween } from "../../../static/js/upload/virtual_list.js";

test("the rows in view are found among rows of different heights, with the heights around them", () => {
  const heights = [10, 20, 30, 40, 50];
  assert.deepEqual(rowsBetween(heights, 15, 70), { first: 1, end: 4, before: 10, after: 50 });
  assert.deepEqual(rowsBetween(heights, -100, 5), { first: 0, end: 1, before: 0, after: 140 });
});

test("a list that is out of view keeps a row of its end that is nearer", () => {
  assert.deepEqual(rowsBetween([10, 10, 10], 500, 900), { first: 2, end: 3, before: 20, after: 0 });
  assert.deepEqual(rowsBetween([10, 10, 10], -900, -500), { first: 0, end: 1, before: 0, after: 20 });
  assert.deepEqual(rowsBetween([], 0, 100), { first: 0, end: 0, before: 0, after: 0 });
});

test("whatever is in view, all heights together stay the same", () => {
  const heights = Array.from({ length: 5000 }, (_, index) => 40 + (index % 7) * 10);
  const whole = heights.reduce((sum, height) => sum + height, 0);
  for (const from of [0, 1234, 99_999, 200_000]) {
    const { first, end, before, after } = rowsBetween(heights, from, from + 2500);
    const shown = heights.slice(first, end).reduce((sum, height) => sum + height, 0);
    assert.equal(before + shown + after, whole);
    assert.ok(end - first < 80);
  }
});
