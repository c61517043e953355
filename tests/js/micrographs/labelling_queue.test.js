import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { LabellingQueue } from "../../../static/js/micrographs/labelling_queue.js";
import { jsonResponse } from "../browser.js";

globalThis.Image = class {};
const items = (from, count) => Array.from({ length: count }, (_, index) => ({ id: from + index, image: "x.png" }));

test("more are fetched, after the last one, when few are left", async (context) => {
  const fetched = context.mock.method(globalThis, "fetch", async () => jsonResponse({ items: items(7, 2) }));
  const queue = new LabellingQueue(items(1, 6), "/queue/", "label=pearlite");
  await queue.move(1);
  await queue.fetching;
  assert.equal(fetched.mock.calls[0].arguments[0], "/queue/?label=pearlite&after=6");
  assert.equal(queue.items.length, 8);
});

test("at the end there is no current micrograph, and one can go back", async (context) => {
  context.mock.method(globalThis, "fetch", async () => jsonResponse({ items: [] }));
  const queue = new LabellingQueue(items(1, 1), "/queue/", "");
  await queue.move(1);
  assert.equal(queue.current, undefined);
  await queue.move(-1);
  assert.equal(queue.current.id, 1);
  assert.ok(queue.atStart);
});
