// The names of a zip's entries as they were on the machine that packed it; microdb's zip_names.py is equal. A zip marks
// names in UTF-8 or adds them in a field of their own (Info-ZIP's 0x7075). Windows packs others in a code page of DOS,
// and macOS in UTF-8 without the mark.
const MARKED_UTF8 = 0x800;
const UNICODE_PATH = 0x7075;
const CODE_PAGES = [
  // cp437 and cp850 from byte 128 on; browsers decode neither
  [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  ].join(""),
  [
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
  ].join(""),
];
const utf8 = new TextDecoder();

// `entries`: [{rawName, extra, flags}]. The names in their order, with slashes; one encoding for all that name none.
export function entryNames(entries) {
  const declared = entries.map(declaredName);
  const decode = decoderOf(entries.filter((_, index) => declared[index] === null).map(({ rawName }) => rawName));
  return entries.map(({ rawName }, index) => (declared[index] ?? decode(rawName)).replaceAll("\\", "/"));
}

function declaredName({ rawName, extra, flags }) {
  if (flags & MARKED_UTF8) return utf8.decode(rawName);
  const fields = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + fields.getUint16(at + 2, true)) {
    const end = at + 4 + fields.getUint16(at + 2, true);
    if (fields.getUint16(at, true) !== UNICODE_PATH || end > extra.byteLength || end < at + 9) continue;
    const isCurrent = extra[at + 4] === 1 && fields.getUint32(at + 5, true) === crc32(rawName);
    if (isCurrent) return utf8.decode(extra.subarray(at + 9, end));
  }
  return null;
}

function decoderOf(names) {
  if (names.every(isUtf8)) return (name) => utf8.decode(name);
  const decoders = CODE_PAGES.map((page) => (name) => {
    return Array.from(name, (byte) => (byte < 128 ? String.fromCharCode(byte) : page[byte - 128])).join("");
  });
  const isPlausible = (decode) => names.every((name) => /^[\0-\x7f\p{L}\p{N}]*$/u.test(decode(name)));
  return decoders.find(isPlausible) ?? decoders[0];
}

function isUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
