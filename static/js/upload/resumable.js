// Sends a large file in parts, by the tus protocol. After a break, also after a reload of the page, it goes on where
// the server is: an unfinished upload is found by a fingerprint of the file and of what is said of it.
export const LARGE = 50e6; // bytes; larger files are sent in parts
const PART = 8 * 2 ** 20;
const PAUSE_MILLISECONDS = 1000;
const MOST_PAUSES = 120; // while another request holds the upload, or the server is busy
const LOST = [404, 410]; // the server no longer has what arrived
const ASK_AGAIN = ["wrong_offset", "upload_finished", "checksum_mismatch"];
const UNREACHED = [0, 502, 504, 507];

// An answer that ends the upload, at least for now.
class Stopped extends Error {
  constructor(answer) {
    super(`status ${answer.status}`);
    this.answer = answer;
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));

// Header values are Latin-1, so texts go as UTF-8 in base64.
export function metadataHeader(fields) {
  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(String(text))));
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${encode(value)}`)
    .join(",");
}

// The same file with the same fields has the same fingerprint on the same computer.
export function fingerprintOf(file, fields) {
  const text = JSON.stringify([file.name, file.lastModified, fields]);
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + character.codePointAt(0)) | 0;
  return `${file.size}-${(hash >>> 0).toString(16)}-${fields.sha256?.slice(0, 32) ?? file.lastModified}`;
}

function send(method, address, { headers = {}, body = null, onProgress = () => {} } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch reports no progress of an upload
    request.open(method, address);
    const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const all = { Accept: "application/json", "Tus-Resumable": "1.0.0", "X-CSRFToken": csrf, ...headers };
    for (const [header, value] of Object.entries(all)) request.setRequestHeader(header, value);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    request.addEventListener("loadend", () => {
      const { status, responseText: text } = request;
      resolve({ status, text, offset: Number(request.getResponseHeader("Upload-Offset")) });
    });
    request.send(body);
  });
}

// The answer to a request, once nobody else holds the upload. Throws Stopped for one that ends the upload.
async function ask(method, address, options) {
  for (let pauses = 0; ; pauses += 1) {
    const answer = await send(method, address, options);
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (![423, 429, 503].includes(answer.status) || pauses === MOST_PAUSES) throw new Stopped(answer);
    await pause();
  }
}

const read = async (address) => JSON.parse((await ask("GET", address)).text);

function codeOf({ text }) {
  try {
    return JSON.parse(text).code;
  } catch {
    return ""; // a proxy's page
  }
}

async function foundOrBegun({ address, file, name, fields, sidecar }) {
  const fingerprint = fingerprintOf(file, { ...fields, name, sidecar: sidecar?.name });
  const { results } = await read(`${address}?${new URLSearchParams({ fingerprint })}`);
  if (results.length) return results[0];
  const body = sidecar ? new FormData() : null;
  body?.append("sidecar", sidecar);
  const metadata = metadataHeader({ filename: name, fingerprint, ...fields });
  const headers = { "Upload-Length": file.size, "Upload-Metadata": metadata };
  return JSON.parse((await ask("POST", address, { headers, body })).text);
}

// Where to go on after a part.
async function sendPart(address, file, offset, onProgress) {
  const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
  const body = file.slice(offset, offset + PART);
  try {
    return (await ask("PATCH", address, { headers, body, onProgress })).offset;
  } catch (error) {
    if (!(error instanceof Stopped) || !ASK_AGAIN.includes(codeOf(error.answer))) throw error;
    return (await read(address)).offset;
  }
}

async function sendAll(upload, { file, onProgress }) {
  for (let offset = upload.offset; offset < upload.length; ) {
    const before = offset;
    onProgress(before / file.size);
    offset = await sendPart(upload.url, file, before, (sent) => onProgress((before + sent) / file.size));
  }
  return { status: 200, text: JSON.stringify(await read(upload.url)) };
}

// `address`: of the uploads. `name`: with its folders. `fields`: what is known of the micrograph. Resolves like
// postFile to {status, text}: 200 with the upload, which is done or refused, or the answer that ended it; status 0
// means that the server is out of reach, and that the same call later goes on.
export async function sendInParts(job) {
  for (let begun = 1; ; begun += 1) {
    let upload;
    try {
      upload = await foundOrBegun(job);
      return await sendAll(upload, job);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      const { answer } = error;
      if (UNREACHED.includes(answer.status)) return { ...answer, status: 0 };
      if (!upload || !LOST.includes(answer.status) || begun === 3) return answer;
      await send("DELETE", upload.url); // so that it is not found again
    }
  }
}
