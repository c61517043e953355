import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { stateFrom, UploadRow } from "../../../static/js/micrographs/upload_row.js";

test("an answer with a state is shown, any other is a failure", () => {
  assert.deepEqual(stateFrom({ status: 201, text: '{"state": "reading"}' }), { state: "reading" });
  assert.deepEqual(stateFrom({ status: 413, text: "<html>" }), {
    state: "failed",
    message: "The server answered 413.",
  });
  assert.equal(stateFrom({ status: 403, text: '{"message": "No."}' }).message, "No.");
});

const made = (about = {}, details = {}) => {
  const handlers = { common: {}, onChange: () => {}, onRetry: () => {} };
  return new UploadRow({ name: "a.png", read: async () => new Blob([]) }, details, { ...handlers, ...about });
};

test("a file is told apart by what is said of all, of it by the plan, and of it alone", () => {
  const common = { label: "ferrite", specimen: "S1" };
  const row = made({ common }, { specimen: "S2" });
  assert.deepEqual(row.said, { label: "ferrite", specimen: "S2" });
  row.choose("specimen", "S3");
  common.split = "train";
  assert.deepEqual(row.said, { label: "ferrite", specimen: "S3", split: "train" });
});

test("a change that replaces a value is not made unless the person ticks it", () => {
  const row = made();
  row.offerUpdate({ id: "1", update: "label pearlite → ferrite", overwrites: true });
  assert.equal(row.wantsUpdate, false);
  row.offerUpdate({ id: "1", update: "label none → ferrite", overwrites: false });
  assert.ok(row.wantsUpdate);
  assert.equal(row.state, "update");
});

test("a stored file without a scale asks for it, and a refused one says why", () => {
  const row = made();
  row.showKnown({ id: "1", state: "needs_scale", page: "/m/1/" });
  assert.deepEqual([row.state, row.asksScale], ["there", true]);
  assert.equal(made({}, { problem: "damaged" }).message, "damaged");
});
