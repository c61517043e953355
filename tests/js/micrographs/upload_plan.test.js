import assert from "node:assert/strict";
import { test } from "node:test";
import "../browser.js";
import { chooseManifest, requestPlan, sortFiles } from "../../../static/js/micrographs/upload_plan.js";
import { jsonResponse } from "../browser.js";

const limits = {
  manifest: "micrographs.csv",
  sidecar: [".txt", ".hdr"],
  ignored: ["dataset.json"],
};
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

test("the table of specimens is never the manifest", () => {
  const tables = ["labels.csv", "Specimens.csv"].map((name) => fileOf(name));
  const sorted = sortFiles(tables, { ...limits, specimens: "specimens.csv" });
  assert.equal(sorted.manifest.name, "labels.csv");
  assert.deepEqual(
    sorted.tables.map(({ name }) => name),
    ["Specimens.csv"],
  );
});

function useServer(context) {
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  return context.mock.method(globalThis, "fetch", async (_address, { body }) => {
    const answer = { new_classes: ["pearlite"], missing: [], missing_count: 0, notes: ["read as"] };
    const { paths, sidecars } = JSON.parse(await body.get("about").text());
    const alone = sidecars.slice(paths.length).map((sidecar) => ({ sidecar, id: "7", state: "needs_scale" }));
    return jsonResponse({
      ...answer,
      late: alone,
      files: paths.map((_, index) => ({ label: "pearlite", sidecar: sidecars[index] ?? "" })),
    });
  });
}

test("a plan sends the manifest whole, the names of sidecars, and no unreadable file", async (context) => {
  const sent = useServer(context);
  const bad = { name: "bad.zip", problem: "damaged" };
  const manifest = `filename,label\n${"one.tif,pearlite\n".repeat(100_000)}`;
  const files = [bad, fileOf("one.tif"), fileOf("one.txt", "abcdef"), fileOf("micrographs.csv", manifest)];
  const plan = await requestPlan(files, "/plan/", limits, ["pearlite"]);
  const { calls } = sent.mock;
  const { body } = calls[0].arguments[1];
  assert.deepEqual(JSON.parse(await body.get("about").text()), {
    paths: ["one.tif"],
    sidecars: ["one.txt"],
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
  assert.equal(await (await plan.details.get("one.tif").readSidecar()).text(), "abcdef");
  assert.deepEqual(plan.notes, ["read as"]);
});

test("five thousand pairs are planned by their names, and no sidecar is read", async (context) => {
  const sent = useServer(context);
  const numbers = Array.from({ length: 5000 }, (_, index) => index);
  const unread = (name) => ({ name, read: () => assert.fail("read") });
  const files = numbers.flatMap((number) => [unread(`${number}.tif`), unread(`${number}.txt`)]);
  const plan = await requestPlan(files, "/plan/", limits);
  assert.equal(plan.details.size, 5000);
  assert.equal(sent.mock.calls.length, 1);
  assert.equal(typeof plan.details.get("4999.tif").readSidecar, "function");
});

test("a sidecar without its image is planned for the stored micrograph", async (context) => {
  useServer(context);
  const plan = await requestPlan([fileOf("one.txt", "abc")], "/plan/", limits);
  assert.deepEqual(
    plan.late.map(({ sidecar, id }) => [sidecar, id]),
    [["one.txt", "7"]],
  );
  assert.equal(await (await plan.late[0].readSidecar()).text(), "abc");
});
