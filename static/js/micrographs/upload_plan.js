// What a drop would do, asked of the server by the files' names, a manifest and the microscope's text files.
import { postJson } from "../core/request.js";

const SIDECAR = /\.txt$/i;
const MANIFEST = /(^|\/)micrographs\.csv$/i;
const DETAILS = /(^|\/)(dataset\.json|README\.md)$/;
const MOST_TEXT = 2 ** 20; // bytes of a sidecar or manifest

const base64 = async (file) => btoa(String.fromCharCode(...new Uint8Array(await file.slice(0, 20_000).arrayBuffer())));

// Tells the micrographs among `files`, and what the server says of each: {files, told} with told.files in their order.
export async function planOf(files, address, addClasses = []) {
  const images = files.filter(({ name }) => !SIDECAR.test(name) && !MANIFEST.test(name) && !DETAILS.test(name));
  const sound = images.filter(({ problem }) => !problem);
  const manifest = files.find(({ name, problem }) => MANIFEST.test(name) && !problem);
  const sidecars = {};
  for (const { name, read } of files.filter(({ name, problem }) => SIDECAR.test(name) && !problem)) {
    sidecars[name] = await base64(await read());
  }
  const asked = {
    paths: sound.map(({ name }) => name),
    manifest: manifest ? await (await manifest.read()).slice(0, MOST_TEXT).text() : "",
    manifest_path: manifest?.name ?? "",
    sidecars,
    add_classes: addClasses,
  };
  return { images, sound, told: await postJson(address, asked) };
}

// Whether a person should look at the plan before anything is sent.
export const tellsSomething = ({ told }) =>
  told.new_classes.length > 0 ||
  told.missing.length > 0 ||
  told.files.some((file) => file.problem || file.label || file.specimen || file.split);
