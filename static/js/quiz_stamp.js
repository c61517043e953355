// Numbers this browser's choices, so that the server can tell which of two came later whatever the clocks say.
const NAME = "quiz-stamps";
// Not randomUUID: it is missing where a laboratory's server is reached without TLS.
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
let last = { browser: random(), count: 0 };

export function nextStamp() {
  try {
    last = JSON.parse(localStorage.getItem(NAME)) ?? last;
  } catch {
    // Without storage this page counts as a browser of its own.
  }
  last = { ...last, count: last.count + 1 };
  try {
    localStorage.setItem(NAME, JSON.stringify(last));
  } catch {
    // As above.
  }
  return `${last.browser}:${last.count}`;
}
