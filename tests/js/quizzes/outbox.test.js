import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../browser.js";
import { Outbox } from "../../../static/js/quizzes/outbox.js";
import { Stamps } from "../../../static/js/quizzes/stamps.js";
import { jsonResponse, makeStorage, useBrowser } from "../browser.js";

const answer = { choice: "pearlite", confidence: null, activeMs: 12.4, over: "" };
beforeEach(useBrowser);

function makeOutbox() {
  const changes = [];
  const outbox = new Outbox("b1", "/answer/", "old", (...change) => changes.push(change));
  return { outbox, changes, states: () => changes.map(([key, state]) => `${key} ${state}`) };
}

test("an acknowledged answer leaves the outbox", async (context) => {
  const sent = context.mock.method(globalThis, "fetch", async () => jsonResponse({ saved: "pearlite" }));
  const { outbox, states } = makeOutbox();
  await outbox.put("q1", answer);
  const { headers, body } = sent.mock.calls[0].arguments[1];
  assert.equal(headers["X-CSRFToken"], "abc"); // the cookie's token is newer than the page's
  assert.equal(body.get("active_ms"), "12");
  assert.match(body.get("stamp"), /^[0-9a-f]{32}:1$/);
  assert.deepEqual(states(), ["q1 sending", "q1 saved"]);
  assert.ok(outbox.isEmpty);
});

test("an answer stays while the network or the server is away, also for the next page", async (context) => {
  context.mock.method(globalThis, "fetch", async () => new Response("proxy", { status: 502 }));
  const { outbox, states } = makeOutbox();
  await outbox.put("q1", answer);
  clearTimeout(outbox.timer);
  assert.deepEqual(states(), ["q1 sending", "q1 kept"]);
  assert.ok(makeOutbox().outbox.holds("q1"));
});

test("a refusal in the server's own JSON settles an answer", async (context) => {
  context.mock.method(globalThis, "fetch", async () => jsonResponse({ message: "Too late." }, 400));
  const { outbox, changes } = makeOutbox();
  await outbox.put("q1", answer);
  assert.deepEqual(changes.at(-1), ["q1", "refused", { message: "Too late." }]);
  assert.ok(outbox.isEmpty);
});

test("a choice made while another is on its way is sent too", async (context) => {
  const { outbox } = makeOutbox();
  const choices = [];
  context.mock.method(globalThis, "fetch", async (_, { body }) => {
    choices.push(body.get("choice"));
    if (choices.length === 1) outbox.put("q1", { ...answer, choice: "martensite" });
    return jsonResponse({});
  });
  await outbox.put("q1", answer);
  assert.deepEqual(choices, ["pearlite", "martensite"]);
});

test("stamps count up over the pages of one ballot, under another name for each ballot", () => {
  const [browser, first] = new Stamps("b1").next().split(":");
  assert.equal(first, "1");
  assert.equal(new Stamps("b1").next(), `${browser}:2`);
  assert.notEqual(new Stamps("b2").next().split(":")[0], browser);
});

test("without storage a page counts by itself", () => {
  const refuse = () => {
    throw new Error("forbidden");
  };
  globalThis.localStorage = { ...makeStorage(), getItem: refuse, setItem: refuse };
  const stamps = new Stamps("b1");
  stamps.next();
  assert.match(stamps.next(), /:2$/);
});
