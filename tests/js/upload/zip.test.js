import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import "../browser.js";
import { openAll } from "../../../static/js/upload/files.js";
import { zipFiles } from "../../../static/js/upload/zip.js";

const limits = { fileBytes: 1000 };
const hasDeflateRaw = (() => {
  try {
    return Boolean(new DecompressionStream("deflate-raw"));
  } catch {
    return false;
  }
})();

// A zip written field by field; `declared` replaces the true size, as a zip bomb does.
function makeZip(entries) {
  const locals = [];
  const centrals = [];
  let at = 0;
  for (const { name, text = "", method = 0, flags = 0x800, declared, extra = Buffer.alloc(0) } of entries) {
    const raw = Buffer.from(text);
    const packed = method === 8 ? deflateRawSync(raw) : raw;
    const nameBytes = Buffer.from(name); // text in UTF-8, or bytes
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(declared ?? raw.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    const withExtra = Buffer.from(fields);
    withExtra.writeUInt16LE(extra.length, 24);
    tail.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, nameBytes, packed]);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), withExtra, tail, nameBytes, extra]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return new Blob([...locals, directory, end]);
}

test("stored files are read, with their folders in the name, and folders are left out", async () => {
  const zip = makeZip([{ name: "pearlite/" }, { name: "pearlite/å.tif", text: "pixels" }]);
  const files = await zipFiles(zip, limits);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["pearlite/å.tif"],
  );
  const file = await files[0].read();
  assert.equal(file.name, "å.tif");
  assert.equal(await file.text(), "pixels");
});

test("names are read as the packing machine wrote them", async () => {
  const oem = (hex) => Buffer.from(hex, "hex");
  const cases = [
    [["ferrite\\1.png"], ["ferrite/1.png"]],
    [
      [oem("476566816765"), "Perlit"],
      ["Gefüge", "Perlit"],
    ], // code page 437
    [
      [oem("50729b7665"), oem("476c9b646574")],
      ["Prøve", "Glødet"],
    ], // code page 850
    [["Gefu\u0308ge"], ["Gefu\u0308ge"]], // macOS
  ];
  for (const [packed, expected] of cases) {
    const files = await zipFiles(makeZip(packed.map((name) => ({ name, flags: 0 }))), limits);
    assert.deepEqual(
      files.map(({ name }) => name),
      expected,
    );
  }
});

test("a name in Info-ZIP's own field counts where it is of this entry", async () => {
  const fieldOf = (crc) => {
    const start = Buffer.alloc(9);
    start.writeUInt16LE(0x7075, 0);
    start.writeUInt16LE(5 + Buffer.byteLength("Gefüge.png"), 2);
    start.writeUInt8(1, 4);
    start.writeUInt32LE(crc, 5);
    return Buffer.concat([start, Buffer.from("Gefüge.png")]);
  };
  const entries = [0x7ce54ade, 7].map((crc, index) => ({ name: `Gef${index}`, flags: 0, extra: fieldOf(crc) }));
  const files = await zipFiles(makeZip(entries), limits);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["Gefüge.png", "Gef1"],
  );
});

test("deflated files are unpacked", { skip: !hasDeflateRaw && "this node has no deflate-raw" }, async () => {
  const [file] = await zipFiles(makeZip([{ name: "a.tif", text: "x".repeat(500), method: 8 }]), limits);
  assert.equal(await (await file.read()).text(), "x".repeat(500));
});

test("entries that are not read have a problem each", async () => {
  const names = ["../a.tif", "/a.tif", "C:/a.tif", "inner.zip"];
  const entries = [
    ...names.map((name) => ({ name })),
    { name: "locked.tif", flags: 1 },
    { name: "odd.tif", method: 12 },
  ];
  const files = await zipFiles(makeZip([...entries, { name: "huge.tif", declared: 1001 }]), limits);
  assert.equal(files.length, 7);
  for (const { name, problem, read } of files) assert.ok(problem && !read, name);
});

test("a file that unpacks to more than it declares is refused", async () => {
  const [file] = await zipFiles(makeZip([{ name: "bomb.tif", text: "x".repeat(100), declared: 10 }]), limits);
  await assert.rejects(file.read(), /unpacks to more/);
});

test("what is no zip is one problem, not an exception", async () => {
  const [broken] = await openAll([{ name: "a.zip", file: new Blob(["no zip"]) }], limits);
  assert.match(broken.problem, /no zip/);
});

test("an operating system's hidden files are left out", async () => {
  const names = [".DS_Store", "a/__MACOSX/b.tif", "a/Thumbs.db", "a/.hidden/b.tif", "a/b.tif"];
  const opened = await openAll(
    names.map((name) => ({ name, file: new Blob([]) })),
    limits,
  );
  assert.deepEqual(
    opened.map(({ name }) => name),
    ["a/b.tif"],
  );
});
