import assert from "node:assert/strict";
import { test } from "node:test";
import {
  containedImage,
  pointInMaster,
  rectangleBetween,
  scaleOfBar,
} from "../../../static/js/micrographs/geometry.js";

const master = { width: 1000, height: 500 };

test("a wide image lies in the middle of a square box", () => {
  assert.deepEqual(containedImage({ width: 200, height: 200 }, master), { scale: 0.2, left: 0, top: 50 });
});

test("sizes may be text, as in data attributes", () => {
  assert.equal(containedImage({ width: 200, height: 200 }, { width: "1000", height: "500" }).scale, 0.2);
});

test("a click becomes a point of the master, and one beside the image its nearest edge", () => {
  const box = { left: 10, top: 20, width: 200, height: 200 };
  assert.deepEqual(pointInMaster({ clientX: 110, clientY: 120 }, box, master), [500, 250]);
  assert.deepEqual(pointInMaster({ clientX: 0, clientY: 0 }, box, master), [0, 0]);
  assert.deepEqual(pointInMaster({ clientX: 500, clientY: 500 }, box, master), [1000, 500]);
});

test("the scale of a micron bar counts its unit", () => {
  assert.equal(scaleOfBar(200, 50, "µm"), 4);
  assert.equal(scaleOfBar(200, 500, "nm"), 400);
  assert.equal(scaleOfBar("100", "1", "mm"), 0.1);
});

test("a bar without a length or without pixels gives no scale", () => {
  assert.equal(scaleOfBar(200, "", "µm"), null);
  assert.equal(scaleOfBar("", 50, "µm"), null);
  assert.equal(scaleOfBar(-5, 50, "µm"), null);
});

test("a drag in any direction gives whole pixels inside the master", () => {
  assert.deepEqual(rectangleBetween([10.4, 20.6], [30.2, 40], master), { x: 10, y: 20, width: 21, height: 20 });
  assert.deepEqual(rectangleBetween([30.2, 40], [10.4, 20.6], master), { x: 10, y: 20, width: 21, height: 20 });
  assert.deepEqual(rectangleBetween([1000, 500], [1000, 500], master), { x: 999, y: 499, width: 1, height: 1 });
});
