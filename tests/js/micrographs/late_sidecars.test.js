import assert from "node:assert/strict";
import { test } from "node:test";
import { addSidecarUpdates, applySidecars } from "../../../static/js/micrographs/late_sidecars.js";
import { jsonResponse } from "../browser.js";

const readSidecar = async () => new Blob(["PixelSize=25"]);
const rowOf = (details, known) => ({ details, known, id: known?.id });

function useServer(context, answer) {
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  return context.mock.method(globalThis, "fetch", async (_address, { body }) => {
    const micrographs = Object.fromEntries(body.getAll("id").map((id) => [id, answer(id)]));
    return jsonResponse({ micrographs, undoable: body.has("apply") });
  });
}

test("only a stored micrograph without a scale is asked for, and a scale in the manifest wins", async (context) => {
  const sent = useServer(context, (id) => ({ update: `scale none → ${id}`, message: "" }));
  const rows = {
    useful: rowOf({ readSidecar }),
    scaled: rowOf({ readSidecar }),
    new: rowOf({ readSidecar }),
    alone: rowOf({}),
    manifest: rowOf({ readSidecar, pixels_per_micrometre: 3 }),
  };
  const found = new Map([
    [rows.useful, { id: "1", state: "needs_scale", update: "specimen none → S1", overwrites: false }],
    [rows.scaled, { id: "2", state: "ready" }],
    [rows.new, undefined],
    [rows.alone, { id: "4", state: "needs_scale" }],
    [rows.manifest, { id: "5", state: "needs_scale" }],
  ]);
  await addSidecarUpdates("/sidecars/", found, 20);
  assert.equal(sent.mock.calls.length, 1);
  assert.equal(found.get(rows.useful).update, "specimen none → S1, scale none → 1");
  assert.ok(found.get(rows.useful).bySidecar);
  assert.equal(found.get(rows.scaled).bySidecar, undefined);
  assert.equal(found.get(rows.manifest).update, undefined);
});

test("a sidecar that tells no scale leaves its reason", async (context) => {
  useServer(context, () => ({ update: "", message: "no pixel size" }));
  const row = rowOf({ readSidecar });
  const found = new Map([[row, { id: "1", state: "needs_scale", message: "no scale" }]]);
  await addSidecarUpdates("/sidecars/", found, 20);
  assert.deepEqual(found.get(row), {
    id: "1",
    state: "needs_scale",
    update: "",
    bySidecar: false,
    message: "no pixel size",
  });
});

test("the sidecars of a drop are applied in parts that name the drop", async (context) => {
  const sent = useServer(context, (id) => ({ id, state: "ready" }));
  const rows = ["1", "2", "3"].map((id) => rowOf({ readSidecar }, { id, bySidecar: true }));
  const { micrographs, undoable } = await applySidecars("/sidecars/", [...rows, rowOf({}, { id: "4" })], 2, "d7");
  assert.deepEqual(Object.keys(micrographs), ["1", "2", "3"]);
  assert.ok(undoable);
  assert.equal(sent.mock.calls.length, 2);
  const { body } = sent.mock.calls[0].arguments[1];
  assert.deepEqual([body.get("apply"), body.get("drop"), body.getAll("sidecar").length], ["1", "d7", 2]);
});
