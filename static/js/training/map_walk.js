// Walking from crop to crop with the arrow keys, and choices of micrographs as bits in an address.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export const isStep = (key) => key in STEPS;

// The index of the nearest point of another owner in the key's direction, at most 45 degrees off; else `from`.
// Both axes count in units of their spans, as they look on the screen.
export function nearest({ x, y, owner }, from, key) {
  const [right, up] = STEPS[key];
  const [wide, high] = [span(x), span(y)];
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (const index of x.keys()) {
    if (owner[index] < 0 || owner[index] === owner[from]) continue;
    const across = (x[index] - x[from]) / wide;
    const upward = (y[index] - y[from]) / high;
    const along = across * right + upward * up;
    const aside = Math.abs(across * up) + Math.abs(upward * right);
    const distance = along + 2 * aside;
    if (along <= 0 || aside > along || distance >= least) continue;
    least = distance;
    best = index;
  }
  return best;
}

// Base64 for addresses of one bit for each of `count` places; see chosen.py.
export function bits(places, count) {
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (const place of places) bytes[place >> 3] |= 1 << (place & 7);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function span(values) {
  const low = values.reduce((least, value) => Math.min(least, value), values[0]);
  const high = values.reduce((most, value) => Math.max(most, value), values[0]);
  return high - low || 1;
}
