// Reads a zip in the browser. Its files are unpacked one by one when they are sent, none to more than it declares.
import { entryNames } from "./zip_names.js";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const CENTRAL_BYTES = 46; // of an entry, without its name, extra field and comment
const LOCAL_BYTES = 30;
const END_BYTES = 22;
const LONGEST_END = END_BYTES + 0xffff; // with the longest comment
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1; // flags

const view = async (file, from, to) => new DataView(await file.slice(from, to).arrayBuffer());
const damaged = () => new Error(gettext("This is no zip, or it is damaged. Pack it again."));
const tooLarge = () =>
  gettext("It unpacks to more than it says or than one file may have. Pack the plain files again.");

// {name, read} for each file, or {name, problem} for an entry that can't be read. Throws an Error for the whole zip.
export async function zipFiles(file, { fileBytes }) {
  const { at, count, size } = await findDirectory(file);
  const bytes = await view(file, at, at + size);
  const entries = [];
  for (let position = 0, left = count; left > 0; left -= 1) {
    const inside = position + CENTRAL_BYTES <= bytes.byteLength;
    if (!inside || bytes.getUint32(position, true) !== CENTRAL_HEADER) throw damaged();
    const entry = readEntry(bytes, position);
    position += CENTRAL_BYTES + entry.variableBytes;
    entries.push(entry);
  }
  const names = entryNames(entries);
  const named = entries.map((entry, index) => ({ ...entry, name: names[index] }));
  return named.filter(({ name }) => !name.endsWith("/")).map((entry) => openEntry(file, entry, fileBytes));
}

async function findDirectory(file) {
  const tail = await view(file, Math.max(0, file.size - LONGEST_END), file.size);
  for (let position = tail.byteLength - END_BYTES; position >= 0; position -= 1) {
    if (tail.getUint32(position, true) !== END_OF_DIRECTORY) continue;
    const count = tail.getUint16(position + 10, true);
    const size = tail.getUint32(position + 12, true);
    const at = tail.getUint32(position + 16, true);
    if (count === 0xffff || at === 0xffffffff) {
      throw new Error(gettext("Zips over 4 GB or with more than 65,000 files are not opened. Pack it in parts."));
    }
    return { at, count, size };
  }
  throw damaged();
}

function readEntry(bytes, position) {
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => bytes.getUint16(position + offset, true));
  const flags = bytes.getUint16(position + 8, true);
  const nameAt = bytes.byteOffset + position + CENTRAL_BYTES;
  return {
    flags,
    method: bytes.getUint16(position + 10, true),
    packedBytes: bytes.getUint32(position + 20, true),
    bytes: bytes.getUint32(position + 24, true),
    at: bytes.getUint32(position + 42, true),
    rawName: new Uint8Array(bytes.buffer, nameAt, nameBytes),
    extra: new Uint8Array(bytes.buffer, nameAt + nameBytes, extraBytes),
    variableBytes: nameBytes + extraBytes + commentBytes,
  };
}

function openEntry(file, entry, fileBytes) {
  const problem = problemOf(entry, fileBytes);
  return problem ? { name: entry.name, problem } : { name: entry.name, read: () => unpack(file, entry) };
}

function problemOf({ name, flags, method, bytes }, fileBytes) {
  if (name.startsWith("/") || name.split("/").includes("..") || /^[a-z]:/i.test(name)) {
    return gettext("Its name in the zip points outside the zip. Pack the plain files again.");
  }
  if (/\.zip$/i.test(name)) return gettext("A zip inside a zip is not opened. Unpack it first.");
  if (flags & ENCRYPTED || ![STORED, DEFLATED].includes(method)) {
    return gettext("It is encrypted or packed in an unusual way. Pack it as a plain zip.");
  }
  return bytes > fileBytes ? tooLarge() : "";
}

async function unpack(file, entry) {
  const header = await view(file, entry.at, entry.at + LOCAL_BYTES);
  if (header.byteLength < LOCAL_BYTES || header.getUint32(0, true) !== LOCAL_HEADER) throw damaged();
  const start = entry.at + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = file.slice(start, start + entry.packedBytes).stream();
  const stream = entry.method === STORED ? packed : packed.pipeThrough(new DecompressionStream("deflate-raw"));
  const pieces = await readAtMost(stream.getReader(), entry.bytes);
  return new File(pieces, entry.name.split("/").at(-1));
}

// Exactly `bytes` bytes, in pieces. A stream that goes on is cancelled, so that a zip bomb fills no memory.
async function readAtMost(reader, bytes) {
  const pieces = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw damaged();
    });
    if (done) break;
    size += value.byteLength;
    if (size > bytes) {
      reader.cancel();
      throw new Error(tooLarge());
    }
    pieces.push(value);
  }
  if (size !== bytes) throw damaged();
  return pieces;
}
