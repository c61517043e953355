import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import {
  columnsOf,
  formFields,
  knownFields,
  saidOf,
  withNewClass,
} from "../../../static/js/micrographs/upload_fields.js";

const details = {
  label: "pearlite",
  pixels_per_micrometre: 3.27159,
  scale_source: "sidecar",
  scale_note: "x",
  split: "",
};

test("what is said of a file alone wins over its plan, and that over what is said of all", () => {
  const common = { label: "ferrite", split: "train" };
  assert.equal(saidOf({ common, details: {}, chosen: {} }).label, "ferrite");
  assert.equal(saidOf({ common, details, chosen: {} }).label, "pearlite");
  assert.equal(saidOf({ common, details, chosen: { label: "" } }).label, "");
  assert.equal(saidOf({ common, details, chosen: {} }).split, "train");
});

test("a scale keeps the plan's source unless another one is typed", () => {
  assert.equal(saidOf({ common: {}, details, chosen: {} }).scale_source, "sidecar");
  assert.equal(saidOf({ common: {}, details, chosen: { pixels_per_micrometre: "5" } }).scale_source, undefined);
  assert.equal(saidOf({ common: { pixels_per_micrometre: "5" }, details: {}, chosen: {} }).pixels_per_micrometre, "5");
});

test("a form gets every field, metadata only what is known", () => {
  assert.equal(Object.keys(formFields({})).length, 7);
  assert.equal(formFields({ label: "ferrite" }).label, "ferrite");
  assert.deepEqual(knownFields({ label: "ferrite", split: "" }), { label: "ferrite" });
});

test("the columns show a scale, where it will come from, or that it is read later", () => {
  const shown = (said, sidecar) => Object.fromEntries(columnsOf(said, sidecar).map(({ name, text }) => [name, text]));
  assert.deepEqual(shown(details), {
    label: "pearlite",
    scale: "3.272 px/µm",
    specimen: "no specimen",
    split: "no split",
  });
  assert.equal(shown({}, "folder/a.txt").scale, "from a.txt");
  assert.equal(shown({ specimen: "S1", modality: "SEM" }).specimen, "S1 · SEM");
  const missing = columnsOf({}).filter(({ isMissing }) => isMissing);
  assert.deepEqual(
    missing.map(({ name }) => name),
    ["label", "scale", "specimen", "split"],
  );
});

test("a class that is added with the upload labels the files of its folder, unless a file has another", () => {
  const file = { common: { label: "ferrite" }, details: { label: "", new_class: "network" }, chosen: {} };
  assert.equal(saidOf(file).label, "ferrite");
  assert.equal(saidOf(withNewClass(file)).label, "network");
  assert.equal(saidOf(withNewClass({ ...file, chosen: { label: "pearlite" } })).label, "pearlite");
  assert.equal(saidOf(withNewClass({ ...file, details: { label: "bainite", new_class: "" } })).label, "bainite");
});
