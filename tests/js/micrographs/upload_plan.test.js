import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { needsConsent, requestPlan, sortFiles } from "../../../static/js/micrographs/upload_plan.js";
import { jsonResponse } from "../browser.js";

const limits = {
  manifest: "micrographs.csv",
  manifestBytes: 8,
  sidecar: [".txt", ".hdr"],
  ignored: ["dataset.json"],
};
const fileOf = (name, text = "") => ({ name, read: async () => new Blob([text]) });

test("files are sorted into images, manifest and sidecars", () => {
  const names = ["a/one.tif", "a/one.TXT", "a/Micrographs.csv", "a/dataset.json"];
  const sorted = sortFiles(
    names.map((name) => fileOf(name)),
    limits,
  );
  assert.deepEqual(
    sorted.images.map(({ name }) => name),
    ["a/one.tif"],
  );
  assert.equal(sorted.manifest.name, "a/Micrographs.csv");
  assert.deepEqual(
    sorted.sidecars.map(({ name }) => name),
    ["a/one.TXT"],
  );
});

test("a request holds names and the manifest up to the server's limit, and no unreadable file", async (context) => {
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  const answer = { files: [{ label: "pearlite", sidecar: "one.txt" }], new_classes: ["pearlite"], missing: [] };
  const sent = context.mock.method(globalThis, "fetch", async () => jsonResponse(answer));
  const bad = { name: "bad.zip", problem: "damaged" };
  const files = [bad, fileOf("one.tif"), fileOf("one.txt", "abcdef"), fileOf("micrographs.csv", "filename,label")];
  const plan = await requestPlan(files, "/plan/", limits, ["pearlite"]);
  assert.deepEqual(JSON.parse(sent.mock.calls[0].arguments[1].body), {
    paths: ["one.tif"],
    manifest: "filename",
    manifest_path: "micrographs.csv",
    sidecars: ["one.txt"],
    add_classes: ["pearlite"],
  });
  assert.deepEqual(
    plan.images.map(({ name }) => name),
    ["bad.zip", "one.tif"],
  );
  assert.equal(plan.details.get("one.tif").label, "pearlite");
  assert.equal(await (await plan.details.get("one.tif").readSidecar()).text(), "abcdef");
  assert.ok(needsConsent(plan));
});

test("a plan of images alone needs no consent", () => {
  const details = new Map([["one.tif", { label: "", specimen: "", split: "", problem: "" }]]);
  assert.ok(!needsConsent({ newClasses: [], missing: [], details }));
  assert.ok(needsConsent({ newClasses: [], missing: ["two.tif"], details }));
});
