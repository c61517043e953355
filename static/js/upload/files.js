// The files of a drop or a picker, folders and zips gone through, as [{name, read}] with the folders in the name.
// `read` gives the File when it is needed; an entry of a zip that can't be read has `problem`, a sentence, instead.
import { zipFiles } from "./zip.js";

const HIDDEN = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)/;

const asPromise = (call) => new Promise((resolve, reject) => call(resolve, reject));

async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await asPromise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 a call
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesUnder(entry) {
  if (entry.isDirectory) return (await Promise.all((await entriesOf(entry)).map(filesUnder))).flat();
  const file = await asPromise((resolve, reject) => entry.file(resolve, reject));
  return [{ file, name: entry.fullPath.replace(/^\//, "") }];
}

async function opened({ file, name }, words) {
  if (!/\.zip$/i.test(name)) return [{ name, read: async () => file }];
  try {
    return await zipFiles(file, words);
  } catch (error) {
    return [{ name, problem: error.message }];
  }
}

async function wanted(files, words) {
  const all = (await Promise.all(files.map((file) => opened(file, words)))).flat();
  return all.filter(({ name, problem }) => problem || !HIDDEN.test(name));
}

export async function droppedFiles(transfer, words) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // before any await
  return wanted((await Promise.all(entries.map(filesUnder))).flat(), words);
}

export function pickedFiles(input, words) {
  return wanted(
    [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })),
    words,
  );
}
