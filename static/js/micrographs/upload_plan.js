// The plan of an upload: what the server would do with these files. It is asked for with the files' names and the
// manifest, which the server reads, after the microscope's text files (sidecars) in parts; no image is sent for it.
import { postJsonParts, postParts } from "../core/request.js";

const endsWith = (name, ending) => name.toLowerCase().endsWith(ending);
const baseName = (name) => name.split("/").at(-1);
const depth = (name) => name.split("/").length;

// The micrographs.csv nearest the top; where no file has that name, the only CSV file; else undefined. The import
// (microdb/manifest/choice.py) chooses by the same rule.
export function chooseManifest(tables, wanted) {
  const named = tables.filter(({ name }) => baseName(name).toLowerCase() === wanted);
  if (!named.length) return tables.length === 1 ? tables[0] : undefined;
  const top = Math.min(...named.map(({ name }) => depth(name)));
  const nearest = named.filter(({ name }) => depth(name) === top);
  if (nearest.length === 1) return nearest[0];
  const text = gettext("There are %(count)s manifests: %(names)s. Give one folder at a time.");
  const names = nearest.slice(0, 5).map(({ name }) => name);
  throw new Error(interpolate(text, { count: nearest.length, names: names.join(", ") }, true));
}

// Splits files into the images, the manifest, other tables, and the sidecars.
export function sortFiles(files, { manifest: wanted, sidecar, ignored }) {
  const isTable = ({ name, problem }) => !problem && endsWith(name, ".csv");
  const isSidecar = ({ name, problem }) => !problem && sidecar.some((ending) => endsWith(name, ending));
  const isIgnored = ({ name }) => ignored.includes(baseName(name));
  const tables = files.filter(isTable);
  const manifest = chooseManifest(tables, wanted);
  return {
    images: files.filter((file) => !isTable(file) && !isSidecar(file) && !isIgnored(file)),
    manifest,
    tables: tables.filter((table) => table !== manifest),
    sidecars: files.filter(isSidecar),
  };
}

// The scales in the sidecars, by path; some are sent at a time, so that a drop may have any number.
async function scalesIn(sidecars, { sidecars: address }, { sidecarBytes, sidecarsAtOnce }) {
  const scales = {};
  for (let from = 0; from < sidecars.length; from += sidecarsAtOnce) {
    const some = sidecars.slice(from, from + sidecarsAtOnce);
    const files = await Promise.all(some.map(({ read }) => read()));
    const answer = await postParts(address, { sidecar: files.map((file) => file.slice(0, sidecarBytes)) });
    for (const [index, { name }] of some.entries()) scales[name] = answer.scales[index];
  }
  return scales;
}

// {images, details, newClasses, missing, missingCount, notes}; `details` maps an image's name to what the server
// planned for it. `addresses`: {plan, sidecars}.
export async function requestPlan(files, addresses, limits, addClasses = []) {
  const { images, manifest, tables, sidecars } = sortFiles(files, limits);
  const about = {
    paths: images.filter(({ problem }) => !problem).map(({ name }) => name),
    scales: await scalesIn(sidecars, addresses, limits),
    manifest_path: manifest?.name ?? "",
    tables: tables.map(({ name }) => name),
    add_classes: addClasses,
  };
  const answer = await postJsonParts(addresses.plan, { about }, manifest ? { manifest: [await manifest.read()] } : {});
  return {
    images,
    details: new Map(about.paths.map((path, index) => [path, answer.files[index]])),
    newClasses: answer.new_classes,
    missing: answer.missing,
    missingCount: answer.missing_count,
    notes: answer.notes,
  };
}

// Whether the plan holds anything that a person should agree to before files are sent.
export function needsConsent({ newClasses, missing, notes, details }) {
  const planned = [...details.values()];
  return (
    newClasses.length > 0 ||
    missing.length > 0 ||
    notes.length > 0 ||
    planned.some(({ problem, label, specimen, split }) => problem || label || specimen || split)
  );
}
