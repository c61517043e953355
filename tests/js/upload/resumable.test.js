import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../browser.js";
import { fingerprintOf, metadataHeader, sendInParts } from "../../../static/js/upload/resumable.js";

const MB = 2 ** 20;
const ADDRESS = "/uploads/";

// A server of the protocol with one upload; `break(method)` makes the next such request fail, before or after its work.
class Server {
  constructor() {
    Object.assign(this, { upload: null, requests: [], broken: [], begun: 0 });
  }

  breakNext(method, { status = 0, after = false } = {}) {
    this.broken.push({ method, status, after });
  }

  async handle(method, address, headers, body) {
    this.requests.push([method, headers["Upload-Offset"]]);
    const index = this.broken.findIndex((one) => one.method === method);
    const [broken] = index < 0 ? [] : this.broken.splice(index, 1);
    if (broken && !broken.after) return { status: broken.status };
    const answer = await this.work(method, address, headers, body);
    return broken ? { status: broken.status } : answer;
  }

  async work(method, address, headers, body) {
    if (method === "GET" && address.startsWith(`${ADDRESS}?`)) return this.json(200, { results: this.unfinished() });
    if (method === "POST") {
      this.begun += 1;
      this.upload = { url: `${ADDRESS}1/`, length: Number(headers["Upload-Length"]), offset: 0, state: "receiving" };
      return this.json(201, this.upload);
    }
    if (!this.upload) return this.json(404, { code: "not_found" });
    if (method === "DELETE") this.upload = null;
    if (method !== "PATCH") return this.json(200, this.upload);
    if (headers["Upload-Offset"] !== this.upload.offset) return this.json(409, { code: "wrong_offset" });
    this.upload.offset += body.size;
    if (this.upload.offset === this.upload.length) this.upload.state = "done";
    return { status: 204, offset: this.upload.offset };
  }

  unfinished() {
    return this.upload?.state === "receiving" ? [this.upload] : [];
  }

  json(status, value) {
    return { status, text: JSON.stringify(value) };
  }

  get offsets() {
    return this.requests.filter(([method]) => method === "PATCH").map(([, offset]) => offset / MB);
  }
}

let server;
let progress;

beforeEach(() => {
  server = new Server();
  progress = [];
  globalThis.document = { querySelector: () => ({ value: "token" }) };
  globalThis.setTimeout = (
    (later) => (call) =>
      later(call, 0)
  )(globalThis.setTimeout);
  globalThis.XMLHttpRequest = class {
    headers = {};
    upload = { addEventListener: () => {} };
    open(method, address) {
      Object.assign(this, { method, address });
    }
    setRequestHeader(name, value) {
      this.headers[name] = value;
    }
    addEventListener(_name, call) {
      this.ended = call;
    }
    getResponseHeader() {
      return this.offset;
    }
    async send(body) {
      const { status, text = "", offset } = await server.handle(this.method, this.address, this.headers, body);
      Object.assign(this, { status, responseText: text, offset });
      this.ended();
    }
  };
});

const job = () => ({
  address: ADDRESS,
  file: new File([new Uint8Array(20 * MB)], "a.tif", { lastModified: 5 }),
  name: "day 1/ü.tif",
  fields: { label: "pearlite" },
  onProgress: (share) => progress.push(share),
});

test("a file goes up in parts of 8 MiB", async () => {
  const { status, text } = await sendInParts(job());
  assert.deepEqual([status, JSON.parse(text).state], [200, "done"]);
  assert.deepEqual(server.offsets, [0, 8, 16]);
  assert.deepEqual(progress, [0, 0.4, 0.8]);
});

test("after a lost connection the same call goes on where the server is", async () => {
  await sendInParts({
    ...job(),
    onProgress: (share) => share === 0.4 && server.broken.length === 0 && server.breakNext("PATCH"),
  }).then(({ status }) => assert.equal(status, 0));
  server.broken = [];
  assert.equal((await sendInParts(job())).status, 200);
  assert.deepEqual([server.begun, server.offsets], [1, [0, 8, 8, 16]]);
});

test("a part whose answer was lost is not sent twice", async () => {
  server.breakNext("PATCH", { status: 503, after: true });
  assert.equal((await sendInParts(job())).status, 200);
  assert.deepEqual(server.offsets, [0, 0, 8, 16]);
  assert.equal(server.upload.offset, 20 * MB);
});

test("an upload that another request holds is tried again", async () => {
  server.breakNext("PATCH", { status: 423 });
  server.breakNext("PATCH", { status: 503 });
  assert.equal((await sendInParts(job())).status, 200);
  assert.deepEqual(server.offsets, [0, 0, 0, 8, 16]);
});

test("an upload that the server has lost is forgotten and begun again", async () => {
  server.breakNext("PATCH", { status: 410 });
  assert.equal((await sendInParts(job())).status, 200);
  assert.deepEqual([server.begun, server.requests.filter(([method]) => method === "DELETE").length], [2, 1]);
});

test("a refusal is the answer, and nothing more is sent", async () => {
  server.breakNext("POST", { status: 413 });
  assert.equal((await sendInParts(job())).status, 413);
  assert.deepEqual(server.offsets, []);
});

test("a fingerprint tells files and what is said of them apart, and fits into its column", () => {
  const file = (name, lastModified, size = 5) => new File([new Uint8Array(size)], name, { lastModified });
  const prints = [
    fingerprintOf(file("a.tif", 1), { label: "x" }),
    fingerprintOf(file("a.tif", 1), { label: "y" }),
    fingerprintOf(file("b.tif", 1), { label: "x" }),
    fingerprintOf(file("a.tif", 2), { label: "x" }),
    fingerprintOf(file("a.tif", 1, 6), { label: "x" }),
  ];
  assert.equal(new Set(prints).size, 5);
  assert.equal(prints[0], fingerprintOf(file("a.tif", 1), { label: "x" }));
  assert.ok(prints.every((one) => one.length <= 100));
});

test("texts travel as UTF-8 in base64", () => {
  assert.equal(metadataHeader({ filename: "ü.tif", label: "α" }), "filename w7wudGlm,label zrE=");
});
