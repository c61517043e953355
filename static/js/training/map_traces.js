// From the data of a descriptor map to what Plotly draws, as in the paper's Fig. 2.

// Whether each crop is none of these: by the model's own limit, or by another one.
export function rejected(crops, limit = null) {
  return limit === null ? crops.outside : crops.evidence.map((one) => one > limit);
}

// The crops of one micrograph, as [x, y, none of these]; none for an owner below 0, which stands for no micrograph.
export function cropsOf({ crops }, owner, outside) {
  if (owner < 0) return [];
  return indices(crops, (index) => crops.owner[index] === owner).map((index) => [
    crops.x[index],
    crops.y[index],
    outside[index],
  ]);
}

// The background and the training crops.
export function mapTraces({ classes, crops, background, threshold, none_of_these }, outside, chosen, words) {
  const group = (included, name, marker) => {
    const own = indices(crops, included);
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: own.map((index) => crops.x[index]),
      y: own.map((index) => crops.y[index]),
      customdata: own,
      selectedpoints: chosen.size ? places(own, (index) => chosen.has(crops.owner[index])) : null,
      marker: { size: 7, opacity: 0.75, ...marker(own) },
      unselected: { marker: { opacity: 0.15 } },
      hoverinfo: "none",
    };
  };
  const ofClasses = classes.map(({ name, shape, colour }, place) =>
    group(
      (index) => crops.label[index] === place && !outside[index],
      name,
      () => ({ symbol: shape, color: colour }),
    ),
  );
  const none = group(
    (index) => outside[index],
    words.none,
    (own) => ({ symbol: none_of_these, color: own.map((index) => classes[crops.label[index]].colour), size: 8 }),
  );
  const limits = threshold === null ? [] : [thresholdTrace(background, threshold, words.threshold)];
  return [backgroundTrace(background), ...ofClasses, ...(none.x.length ? [none] : []), ...limits];
}

// One micrograph's crops, drawn over the others: crosses, and stars for those that are none of these.
export function cropTraces(own, words) {
  const trace = (name, symbol, some) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: some.map(([x]) => x),
    y: some.map(([, y]) => y),
    marker: { symbol, size: 11, color: "--text", line: { width: 1, color: "--surface" } },
    hoverinfo: "skip",
  });
  const parts = [
    [words.crosses, "x", own.filter(([, , outside]) => !outside)],
    [words.stars, "star", own.filter(([, , outside]) => outside)],
  ];
  return parts.filter(([, , some]) => some.length).map((part) => trace(...part));
}

// A ring around the crop that the keyboard is at.
export function ringTrace({ crops }, index) {
  const marker = { symbol: "circle-open", size: 18, color: "--accent", line: { width: 3 } };
  const at = { x: [crops.x[index]], y: [crops.y[index]] };
  return { type: "scatter", mode: "markers", ...at, marker, hoverinfo: "skip", showlegend: false };
}

// Filled contours and no colour bar: for these Plotly sets no style attributes, which the security policy refuses.
function backgroundTrace(grid) {
  return {
    type: "contour",
    ...grid,
    colorscale: [
      [0, "--surface"],
      [1, "--accent-soft"],
    ],
    contours: { coloring: "fill" },
    line: { width: 0.6, color: "--line" },
    ncontours: 14,
    showscale: false,
    hoverinfo: "skip",
    zorder: -1,
  };
}

function thresholdTrace(grid, limit, name) {
  return {
    type: "contour",
    ...grid,
    name,
    showlegend: true,
    showscale: false,
    colorscale: [
      [0, "--text"],
      [1, "--text"],
    ],
    contours: { type: "levels", coloring: "lines", start: limit, end: limit, size: 1 },
    line: { width: 2.5, color: "--text" },
    hoverinfo: "skip",
  };
}

const indices = (crops, included) => [...crops.x.keys()].filter(included);
const places = (values, included) => [...values.keys()].filter((place) => included(values[place]));
