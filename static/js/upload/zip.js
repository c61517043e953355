// A zip opened in the browser: its files are read one by one when they are sent, and no more than they say they hold.
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const MOST_BYTES = 512 * 2 ** 20; // of one file, as the server takes

const view = async (file, from, to) => new DataView(await file.slice(from, to).arrayBuffer());

// {name, read} for each file; an entry that can't be read has `problem` instead. Throws a sentence for the whole.
export async function zipFiles(file, words) {
  const { at, count, size } = await directoryOf(file, words);
  const bytes = await view(file, at, at + size);
  const found = [];
  for (let place = 0, left = count; left > 0; left -= 1) {
    if (place + 46 > bytes.byteLength || bytes.getUint32(place, true) !== CENTRAL) throw new Error(words.damaged);
    const entry = entryAt(bytes, place);
    place += 46 + entry.lengths;
    if (!entry.name.endsWith("/")) found.push(fileOf(file, entry, words));
  }
  return found;
}

async function directoryOf(file, words) {
  const from = Math.max(0, file.size - 65_557);
  const tail = await view(file, from, file.size);
  for (let place = tail.byteLength - 22; place >= 0; place -= 1) {
    if (tail.getUint32(place, true) !== END) continue;
    const [count, size, at] = [
      tail.getUint16(place + 10, true),
      tail.getUint32(place + 12, true),
      tail.getUint32(place + 16, true),
    ];
    if (count === 0xffff || at === 0xffffffff) throw new Error(words.big);
    return { at, count, size };
  }
  throw new Error(words.damaged);
}

function entryAt(bytes, place) {
  const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.getUint16(place + offset, true));
  const flags = bytes.getUint16(place + 8, true);
  const raw = new Uint8Array(bytes.buffer, bytes.byteOffset + place + 46, nameLength);
  return {
    flags,
    method: bytes.getUint16(place + 10, true),
    packed: bytes.getUint32(place + 20, true),
    size: bytes.getUint32(place + 24, true),
    at: bytes.getUint32(place + 42, true),
    name: new TextDecoder(flags & 0x800 ? "utf-8" : "windows-1252").decode(raw).replaceAll("\\", "/"),
    lengths: nameLength + extra + comment,
  };
}

function fileOf(file, entry, words) {
  const { name } = entry;
  const parts = name.split("/");
  if (name.startsWith("/") || parts.includes("..") || /^[a-z]:/i.test(name)) return { name, problem: words.path };
  if (/\.zip$/i.test(name)) return { name, problem: words.nested };
  if (entry.flags & 1 || ![0, 8].includes(entry.method)) return { name, problem: words.packing };
  if (entry.size > MOST_BYTES) return { name, problem: words.bomb };
  return { name, read: () => unpack(file, entry, words) };
}

async function unpack(file, entry, words) {
  const head = await view(file, entry.at, entry.at + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw new Error(words.damaged);
  const start = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(start, start + entry.packed).stream();
  const stream = entry.method ? packed.pipeThrough(new DecompressionStream("deflate-raw")) : packed;
  const pieces = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error(words.damaged);
    });
    if (done) break;
    size += value.byteLength;
    if (size > entry.size) {
      reader.cancel();
      throw new Error(words.bomb);
    }
    pieces.push(value);
  }
  if (size !== entry.size) throw new Error(words.damaged);
  return new File(pieces, entry.name.split("/").at(-1));
}
