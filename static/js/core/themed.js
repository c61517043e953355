// Plotly figures in the colours of the page: a colour is written as the name of its design token, "--token".
import { colour, token } from "./tokens.js";

export function resolve(value) {
  if (typeof value === "string" && value.startsWith("--")) return colour(value);
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  }
  return value;
}

export function themedLayout(given = {}) {
  const layout = resolve(given);
  const line = colour("--line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: token("--font"), color: colour("--text") },
    margin: { l: 50, r: 20, t: 20, b: 50, ...layout.margin },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
}

export function onThemeChange(redraw) {
  document.addEventListener("themechange", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
