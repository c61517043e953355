// Sidecars of stored micrographs without a scale: what they would give, and giving it.
import { postParts } from "../core/request.js";

// Whether a row has a sidecar that its stored micrograph can use; a scale in a manifest wins.
const isUseful = ({ details }, known) =>
  known?.state === "needs_scale" && details.readSidecar && !details.pixels_per_micrometre;

// The server's answers by micrograph, and whether the drop can be undone (null where nothing changed); `pairs` are rows
// with the id of their micrograph.
async function send(address, pairs, atOnce, fields) {
  const all = { micrographs: {}, undoable: null };
  for (let from = 0; from < pairs.length; from += atOnce) {
    const some = pairs.slice(from, from + atOnce);
    const sidecar = await Promise.all(some.map(([row]) => row.details.readSidecar()));
    const id = some.map(([, key]) => key);
    const { micrographs, undoable } = await postParts(address, { id, sidecar, ...fields });
    Object.assign(all.micrographs, micrographs);
    all.undoable = undoable ?? all.undoable;
  }
  return all;
}

// `found` maps rows to what the dataset has of them; those with a useful sidecar get its change added to `update`.
export async function addSidecarUpdates(address, found, atOnce) {
  const asking = [...found].filter(([row, known]) => isUseful(row, known));
  const pairs = asking.map(([row, { id }]) => [row, id]);
  const answers = (await send(address, pairs, atOnce, {})).micrographs;
  for (const [row, known] of asking) {
    const { update, message } = answers[known.id] ?? {};
    const all = [known.update, update].filter(Boolean).join(", ");
    found.set(row, { ...known, update: all, bySidecar: Boolean(update), message: message || known.message });
  }
}

// The states of the micrographs afterwards, by their ids, as `send` returns them. `drop` names the drop, which is
// undone as one.
export function applySidecars(address, rows, atOnce, drop) {
  const pairs = rows.filter(({ known }) => known.bySidecar).map((row) => [row, row.id]);
  return send(address, pairs, atOnce, { apply: ["1"], drop: [drop] });
}
