// The files of a drop or a file picker as [{name, read}]: folders and zips are opened, and a name holds its folders.
// `read` returns the File when it is needed; a zip, or an entry of one, that can't be read has `problem` instead.
import { zipFiles } from "./zip.js";

const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;

const promised = (call) => new Promise((resolve, reject) => call(resolve, reject));

async function childrenOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await promised((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 a call
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesUnder(entry) {
  if (entry.isDirectory) return (await Promise.all((await childrenOf(entry)).map(filesUnder))).flat();
  const file = await promised((resolve, reject) => entry.file(resolve, reject));
  return [{ file, name: entry.fullPath.replace(/^\//, "") }];
}

async function open({ file, name }, limits) {
  if (!/\.zip$/i.test(name)) return [{ name, read: async () => file }];
  try {
    return await zipFiles(file, limits);
  } catch (error) {
    return [{ name, problem: error.message }];
  }
}

// Hidden files, such as an operating system's own, are left out.
export async function openAll(files, limits) {
  const opened = (await Promise.all(files.map((file) => open(file, limits)))).flat();
  return opened.filter(({ name, problem }) => problem || !HIDDEN.test(name));
}

export async function droppedFiles(transfer, limits) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // before any await
  return openAll((await Promise.all(entries.map(filesUnder))).flat(), limits);
}

export function pickedFiles(input, limits) {
  const files = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  return openAll(files, limits);
}
