// The probabilities of a saliency map: a gray picture with a plane per outcome, one below the other.
// Places are [u, v], from 0 to 1 across and down the part of the micrograph that was looked at.
import { clamp } from "../micrographs/geometry.js";

export class Planes {
  // `values` are 0 to 255, `width` for each row; `outcomes` planes below one another.
  constructor(values, width, outcomes) {
    Object.assign(this, { values, width, outcomes, height: values.length / width / outcomes });
  }

  // The probabilities at a place, interpolated between the nearest four values; all near 0 in a masked rectangle.
  at(u, v) {
    const [left, right, across] = between(u, this.width);
    const [top, bottom, down] = between(v, this.height);
    const found = new Float32Array(this.outcomes);
    for (let outcome = 0; outcome < this.outcomes; outcome++) {
      const first = (outcome * this.height + top) * this.width;
      const second = (outcome * this.height + bottom) * this.width;
      const { values } = this;
      const above = values[first + left] * (1 - across) + values[first + right] * across;
      const below = values[second + left] * (1 - across) + values[second + right] * across;
      found[outcome] = (above * (1 - down) + below * down) / 255;
    }
    return found;
  }

  // The same as shares that add up to 1; null where nothing was looked at.
  sharesAt(u, v) {
    const found = this.at(u, v);
    const total = found.reduce((sum, value) => sum + value, 0);
    return total < 0.5 ? null : [...found].map((value) => value / total);
  }
}

// The two neighbours of a place among `count` values in the middles of even cells, and the weight of the second.
function between(place, count) {
  const position = clamp(place * count - 0.5, 0, count - 1);
  const first = Math.floor(position);
  return [first, Math.min(first + 1, count - 1), position - first];
}

// RGBA pixels of a layer: at each place the colour of the most probable outcome, or of outcome `only`; its probability
// is the opacity. `colours` are [red, green, blue] of the outcomes.
export function paint(planes, width, height, colours, only = null) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let row = 0, place = 0; row < height; row++) {
    for (let column = 0; column < width; column++, place += 4) {
      const found = planes.at((column + 0.5) / width, (row + 0.5) / height);
      const outcome = only ?? found.indexOf(Math.max(...found));
      pixels.set(colours[outcome], place);
      pixels[place + 3] = 255 * found[outcome];
    }
  }
  return pixels;
}
