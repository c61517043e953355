import assert from "node:assert/strict";
import { test } from "node:test";
import { SendQueue } from "../../../static/js/upload/send_queue.js";

function queueOf(items, send, options = {}) {
  return new Promise((resolve) => {
    const sent = [];
    const onSent = (item) => {
      sent.push(item);
      if (!items.length && queue.active === 0) resolve(sent);
    };
    const queue = new SendQueue({
      next: () => items.shift(),
      send,
      atOnce: 3,
      retryMilliseconds: 1,
      onSent,
      ...options,
    });
    queue.run();
  });
}

test("no more items than allowed are sent at once, and all are sent", async () => {
  let active = 0;
  let most = 0;
  const sent = await queueOf([1, 2, 3, 4, 5, 6, 7], async () => {
    active += 1;
    most = Math.max(most, active);
    await new Promise((resolve) => setTimeout(resolve, 2));
    active -= 1;
  });
  assert.equal(most, 3);
  assert.deepEqual(sent.sort(), [1, 2, 3, 4, 5, 6, 7]);
});

test("while the server is away one item tries again, and then the rest goes on", async () => {
  const items = ["a", "b"];
  let failures = 2;
  const sent = await queueOf(
    items,
    async (item) => {
      if (failures === 0) return true;
      failures -= 1;
      items.unshift(item);
      return false;
    },
    { atOnce: 1 },
  );
  assert.deepEqual(sent, ["a", "a", "a", "b"]);
});
