// The plan of an upload: what the server would do with these files. It is asked for with the names of the images and of
// the microscope's text files (sidecars), and with the manifest. A sidecar is sent later, with its image.
import { postJsonParts } from "../core/request.js";

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
export function sortFiles(files, { manifest: wanted, specimens, sidecar, ignored }) {
  const isTable = ({ name, problem }) => !problem && endsWith(name, ".csv");
  const isSidecar = ({ name, problem }) => !problem && sidecar.some((ending) => endsWith(name, ending));
  const isIgnored = ({ name }) => ignored.includes(baseName(name));
  const tables = files.filter(isTable);
  const mayBeManifest = ({ name }) => baseName(name).toLowerCase() !== specimens;
  const manifest = chooseManifest(tables.filter(mayBeManifest), wanted);
  return {
    images: files.filter((file) => !isTable(file) && !isSidecar(file) && !isIgnored(file)),
    manifest,
    tables: tables.filter((table) => table !== manifest),
    sidecars: files.filter(isSidecar),
  };
}

// {images, details, late, newClasses, missing, missingCount, notes}; `details` maps an image's name to what the server
// planned for it, with `readSidecar` where a sidecar is sent along. `late`: sidecars of stored micrographs, whose
// images were not dropped.
export async function requestPlan(files, address, limits, addClasses = []) {
  const { images, manifest, tables, sidecars } = sortFiles(files, limits);
  const about = {
    paths: images.filter(({ problem }) => !problem).map(({ name }) => name),
    sidecars: sidecars.map(({ name }) => name),
    manifest_path: manifest?.name ?? "",
    tables: tables.map(({ name }) => name),
    add_classes: addClasses,
  };
  const answer = await postJsonParts(address, { about }, manifest ? { manifest: [await manifest.read()] } : {});
  const beside = new Map(sidecars.map((file) => [file.name, file]));
  const details = about.paths.map((path, index) => {
    const planned = answer.files[index];
    return [path, { ...planned, readSidecar: beside.get(planned.sidecar)?.read }];
  });
  return {
    images,
    details: new Map(details),
    late: answer.late.map((one) => ({ ...one, readSidecar: beside.get(one.sidecar).read })),
    newClasses: answer.new_classes,
    missing: answer.missing,
    missingCount: answer.missing_count,
    notes: answer.notes,
  };
}
