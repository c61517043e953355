import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthText, roundLength } from "../../../static/js/micrographs/scale_bar.js";

test("a length is the largest 1, 2 or 5 times a power of ten that fits", () => {
  const expected = { 1: 1, 1.9: 1, 2: 2, 4.99: 2, 5: 5, 9.9: 5, 10: 10, 730: 500, 0.03: 0.02 };
  for (const [most, length] of Object.entries(expected)) {
    assert.ok(Math.abs(roundLength(Number(most)) / length - 1) < 1e-9, `${most}: ${roundLength(Number(most))}`);
  }
});

test("a length is written in the unit that keeps it short", () => {
  assert.equal(lengthText(0.05), "50 nm");
  assert.equal(lengthText(1), "1 µm");
  assert.equal(lengthText(500), "500 µm");
  assert.equal(lengthText(2000), "2 mm");
});
