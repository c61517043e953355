import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { plannedFields, plannedText, stateFrom } from "../../../static/js/micrographs/upload_row.js";

const details = {
  label: "pearlite",
  pixels_per_micrometre: 3.27159,
  scale_source: "sidecar",
  scale_note: "x",
  split: "",
};

test("a planned file reads as one line", () => {
  assert.equal(plannedText(details), "pearlite · 3.272 px/µm");
  assert.equal(plannedText({}), "unlabelled");
});

test("only what the plan has is sent, a scale with its source", () => {
  assert.deepEqual(plannedFields("a.tif", { label: "", specimen: "S1" }), { path: "a.tif", specimen: "S1" });
  assert.equal(plannedFields("a.tif", details).scale_source, "sidecar");
});

test("an answer with a state is shown, any other is a failure", () => {
  assert.deepEqual(stateFrom({ status: 201, text: '{"state": "reading"}' }), { state: "reading" });
  assert.deepEqual(stateFrom({ status: 413, text: "<html>" }), {
    state: "failed",
    message: "The server answered 413.",
  });
  assert.equal(stateFrom({ status: 403, text: '{"message": "No."}' }).message, "No.");
});
