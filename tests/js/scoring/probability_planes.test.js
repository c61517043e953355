import assert from "node:assert/strict";
import { test } from "node:test";
import { Planes, paint } from "../../../static/js/scoring/probability_planes.js";

// Two outcomes on a map of 2 x 2: the first is certain on the left, the second on the right.
const map = () => new Planes(Uint8Array.of(255, 0, 255, 0, 0, 255, 0, 255), 2, 2);

test("a value stands in the middle of its cell and the border keeps it", () => {
  assert.equal(map().height, 2);
  assert.deepEqual([...map().at(0.25, 0.25)], [1, 0]);
  assert.deepEqual([...map().at(0, 1)], [1, 0]);
  assert.deepEqual([...map().at(0.75, 0.5)], [0, 1]);
});

test("between two values it is interpolated linearly", () => {
  const [first, second] = map().at(0.375, 0.5);
  assert.ok(Math.abs(first - 0.75) < 1e-6);
  assert.ok(Math.abs(second - 0.25) < 1e-6);
});

test("shares add up to one, and there are none where nothing was looked at", () => {
  const rounded = new Planes(Uint8Array.of(100, 0, 154, 0), 2, 2);
  const shares = rounded.sharesAt(0.25, 0.5);
  assert.ok(Math.abs(shares[0] + shares[1] - 1) < 1e-6);
  assert.equal(rounded.sharesAt(0.75, 0.5), null);
});

test("a layer has the colour of the most probable outcome, as opaque as it is probable", () => {
  const pixels = paint(map(), 8, 2, [
    [1, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual([...pixels.slice(0, 4)], [1, 2, 3, 255]);
  assert.deepEqual([...pixels.slice(28, 32)], [4, 5, 6, 255]);
  assert.deepEqual([...pixels.slice(12, 16)], [1, 2, 3, Math.round(255 * 0.625)]);
});

test("one outcome alone keeps its colour everywhere", () => {
  const pixels = paint(
    map(),
    4,
    1,
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    0,
  );
  assert.deepEqual([...pixels.slice(12, 16)], [1, 2, 3, 0]);
});
