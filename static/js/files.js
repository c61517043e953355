// The files of a drop or a picker, folders gone through, as [{file, name}] with the folders in the name.
const HIDDEN = /(^|\/)(\.|Thumbs\.db$|desktop\.ini$)/;

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

const wanted = (files) => files.filter(({ name }) => !HIDDEN.test(name));

export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // before any await
  return wanted((await Promise.all(entries.map(filesUnder))).flat());
}

export function pickedFiles(input) {
  return wanted([...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
}
