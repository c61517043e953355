// The plan of an upload: what the server would do with these files. It is asked for with the names of the images and of
// the microscope's text files (sidecars), and with a manifest. A sidecar is sent later, with its image.
import { postJson } from "../core/request.js";

const endsWith = (name, ending) => name.toLowerCase().endsWith(ending);
const baseName = (name) => name.split("/").at(-1);

// Splits files into the images, the manifest and the sidecars.
export function sortFiles(files, { manifest, sidecar, ignored }) {
  const isManifest = ({ name }) => baseName(name).toLowerCase() === manifest;
  const isSidecar = ({ name }) => sidecar.some((ending) => endsWith(name, ending));
  const isIgnored = ({ name }) => ignored.includes(baseName(name));
  const readable = files.filter(({ problem }) => !problem);
  return {
    images: files.filter((file) => !isManifest(file) && !isSidecar(file) && !isIgnored(file)),
    manifest: readable.find(isManifest),
    sidecars: readable.filter(isSidecar),
  };
}

async function requestBody({ images, manifest, sidecars }, limits, addClasses) {
  return {
    paths: images.filter(({ problem }) => !problem).map(({ name }) => name),
    manifest: manifest ? await (await manifest.read()).slice(0, limits.manifestBytes).text() : "",
    manifest_path: manifest?.name ?? "",
    sidecars: sidecars.map(({ name }) => name),
    add_classes: addClasses,
  };
}

// {images, details, newClasses, missing}; `details` maps an image's name to what the server planned for it.
export async function requestPlan(files, address, limits, addClasses = []) {
  const sorted = sortFiles(files, limits);
  const body = await requestBody(sorted, limits, addClasses);
  const answer = await postJson(address, body);
  const beside = new Map(sorted.sidecars.map((file) => [file.name, file]));
  const details = new Map(
    body.paths.map((path, index) => {
      const planned = answer.files[index];
      return [path, { ...planned, readSidecar: beside.get(planned.sidecar)?.read }];
    }),
  );
  return { images: sorted.images, details, newClasses: answer.new_classes, missing: answer.missing };
}

// Whether the plan holds anything that a person should agree to before files are sent.
export function needsConsent({ newClasses, missing, details }) {
  const planned = [...details.values()];
  return (
    newClasses.length > 0 ||
    missing.length > 0 ||
    planned.some(({ problem, label, specimen, split }) => problem || label || specimen || split)
  );
}
