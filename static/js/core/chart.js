// Draws each <div class="chart" data-source="#id"> from the Plotly figure in the JSON script element it names.
// A colour is written as the name of its design token, "--token", so that charts follow the theme.
import { colour, token } from "./tokens.js";

function resolve(value) {
  if (typeof value === "string" && value.startsWith("--")) return colour(value);
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  }
  return value;
}

function draw(element) {
  const figure = JSON.parse(document.querySelector(element.dataset.source).textContent);
  const line = colour("--line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  const layout = resolve(figure.layout ?? {});
  Plotly.react(
    element,
    resolve(figure.data),
    {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: token("--font"), color: colour("--text") },
      margin: { l: 50, r: 20, t: 20, b: 50, ...layout.margin },
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
    },
    // A chart with role="img" must not contain buttons.
    { responsive: true, displaylogo: false, displayModeBar: element.getAttribute("role") === "img" ? false : "hover" },
  );
  if (layout.height) element.style.minHeight = "0"; // the stylesheet keeps room for charts of the usual height
}

export function drawCharts(root = document) {
  for (const element of root.querySelectorAll(".chart[data-source]")) draw(element);
}

drawCharts();
document.addEventListener("themechange", () => drawCharts());
document.addEventListener("htmx:afterSwap", (event) => drawCharts(event.target));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCharts());
