import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { chooseManifest, needsConsent, requestPlan, sortFiles } from "../../../static/js/micrographs/upload_plan.js";
import { jsonResponse } from "../browser.js";

const limits = {
  manifest: "micrographs.csv",
  sidecar: [".txt", ".hdr"],
  sidecarBytes: 3,
  sidecarsAtOnce: 2,
  ignored: ["dataset.json"],
};
const addresses = { plan: "/plan/", sidecars: "/sidecars/" };
const fileOf = (name, text = "") => ({ name, read: async () => new Blob([text]) });

test("files are sorted into images, manifest and sidecars", () => {
  const names = ["a/one.tif", "a/one.TXT", "a/Micrographs.csv", "a/dataset.json", "a/eds.csv"];
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
    sorted.tables.map(({ name }) => name),
    ["a/eds.csv"],
  );
  assert.deepEqual(
    sorted.sidecars.map(({ name }) => name),
    ["a/one.TXT"],
  );
});

test("the manifest is the file of its name nearest the top, else the only table", () => {
  const cases = [
    [["Micrographs.CSV", "notes.csv"], "Micrographs.CSV"],
    [["x/labels.csv"], "x/labels.csv"],
    [["one.csv", "two.csv"], undefined],
    [["all/micrographs.csv", "all/old/micrographs.csv"], "all/micrographs.csv"],
    [[], undefined],
  ];
  for (const [names, chosen] of cases) {
    const tables = names.map((name) => fileOf(name));
    assert.equal(chooseManifest(tables, "micrographs.csv")?.name, chosen);
  }
  const two = ["mon/micrographs.csv", "tue/micrographs.csv"].map((name) => fileOf(name));
  assert.throws(() => chooseManifest(two, "micrographs.csv"), /2 manifests: mon\/micrographs.csv, tue/);
});

function useServer(context) {
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  return context.mock.method(globalThis, "fetch", async (address, { body }) => {
    if (address === "/sidecars/") {
      const scales = body.getAll("sidecar").map((_, index) => ({ pixels_per_micrometre: index + 1, note: "" }));
      return jsonResponse({ scales });
    }
    const answer = { new_classes: ["pearlite"], missing: [], missing_count: 0, notes: ["read as"] };
    const { paths } = JSON.parse(await body.get("about").text());
    return jsonResponse({ ...answer, files: paths.map(() => ({ label: "pearlite" })) });
  });
}

test("a plan sends the manifest whole, sidecars up to the limit, and no unreadable file", async (context) => {
  const sent = useServer(context);
  const bad = { name: "bad.zip", problem: "damaged" };
  const manifest = `filename,label\n${"one.tif,pearlite\n".repeat(100_000)}`;
  const files = [bad, fileOf("one.tif"), fileOf("one.txt", "abcdef"), fileOf("micrographs.csv", manifest)];
  const plan = await requestPlan(files, addresses, limits, ["pearlite"]);
  const { calls } = sent.mock;
  assert.equal(await calls[0].arguments[1].body.get("sidecar").text(), "abc");
  const { body } = calls[1].arguments[1];
  assert.deepEqual(JSON.parse(await body.get("about").text()), {
    paths: ["one.tif"],
    scales: { "one.txt": { pixels_per_micrometre: 1, note: "" } },
    manifest_path: "micrographs.csv",
    tables: [],
    add_classes: ["pearlite"],
  });
  assert.equal(body.get("manifest").size, manifest.length);
  assert.deepEqual(
    plan.images.map(({ name }) => name),
    ["bad.zip", "one.tif"],
  );
  assert.equal(plan.details.get("one.tif").label, "pearlite");
  assert.deepEqual(plan.notes, ["read as"]);
  assert.ok(needsConsent(plan));
});

test("the sidecars of five thousand pairs are asked about in parts", async (context) => {
  const sent = useServer(context);
  const numbers = Array.from({ length: 5000 }, (_, index) => index);
  const files = numbers.flatMap((number) => [fileOf(`${number}.tif`), fileOf(`${number}.txt`, "scale")]);
  const plan = await requestPlan(files, addresses, { ...limits, sidecarsAtOnce: 200 });
  const { calls } = sent.mock;
  assert.equal(plan.details.size, 5000);
  assert.equal(calls.length, 26);
  assert.ok(calls.slice(0, 25).every((call) => call.arguments[1].body.getAll("sidecar").length === 200));
  const { scales } = JSON.parse(await calls[25].arguments[1].body.get("about").text());
  assert.deepEqual(scales["4999.txt"], { pixels_per_micrometre: 200, note: "" });
});

test("a plan of images alone needs no consent", () => {
  const details = new Map([["one.tif", { label: "", specimen: "", split: "", problem: "" }]]);
  assert.ok(!needsConsent({ newClasses: [], missing: [], notes: [], details }));
  assert.ok(needsConsent({ newClasses: [], missing: ["two.tif"], notes: [], details }));
  assert.ok(needsConsent({ newClasses: [], missing: [], notes: ["tab-separated"], details }));
});
