import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../browser.js";
import { clockText } from "../../../static/js/quizzes/clock.js";
import { Sheet } from "../../../static/js/quizzes/sheet.js";
import { jsonResponse, useBrowser } from "../browser.js";

beforeEach(useBrowser);
const form = { action: "/answer/", csrfmiddlewaretoken: { value: "t" } };
const makeSheet = () =>
  new Sheet({ ballot: "b1", questions: [{ key: "q1", number: 1, choice: "", confidence: null, stamp: "" }] }, form);

test("an answer shows at once and takes the server's stamp when it is saved", async (context) => {
  const saved = { saved: "pearlite", confidence: 80, stamp: "x:1" };
  context.mock.method(globalThis, "fetch", async () => jsonResponse(saved));
  const sheet = makeSheet();
  const sending = sheet.answer(sheet.questions[0], "pearlite", 80, 5);
  assert.deepEqual([sheet.answered, sheet.questions[0].state], [1, "sending"]);
  await sending;
  assert.equal(sheet.questions[0].state, "saved");
  assert.deepEqual(sheet.questions[0].acknowledged, { choice: "pearlite", confidence: 80, stamp: "x:1" });
});

test("a refused answer falls back to what the server has, with a message", async (context) => {
  context.mock.method(globalThis, "fetch", async () => jsonResponse({ message: "Too late." }, 400));
  const sheet = makeSheet();
  const messages = [];
  sheet.addEventListener("refusal", ({ detail }) => messages.push(detail));
  await sheet.answer(sheet.questions[0], "pearlite", null, 5);
  assert.equal(sheet.questions[0].choice, "");
  assert.deepEqual(messages, [{ number: 1, message: "Too late." }]);
});

test("a choice that was never acknowledged is there again on the next page", async (context) => {
  context.mock.method(globalThis, "fetch", async () => Promise.reject(new TypeError("offline")));
  const sheet = makeSheet();
  await sheet.answer(sheet.questions[0], "pearlite", null, 5);
  clearTimeout(sheet.outbox.timer);
  const [question] = makeSheet().questions;
  assert.deepEqual([question.choice, question.state], ["pearlite", "kept"]);
});

test("seconds read as minutes and seconds", () => {
  assert.equal(clockText(75), "1:15");
  assert.equal(clockText(9), "0:09");
});
