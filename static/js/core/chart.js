// Draws each <div class="chart" data-source="#id"> from the Plotly figure in the JSON script element it names.
// Colours written as "--token" are looked up in the design tokens, so charts follow the theme.
const styles = () => getComputedStyle(document.documentElement);
const token = (name) => styles().getPropertyValue(name).trim();

function resolve(value) {
  if (typeof value === "string" && value.startsWith("--")) return token(value);
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  }
  return value;
}

function draw(element) {
  const figure = JSON.parse(document.querySelector(element.dataset.source).textContent);
  const axis = {
    gridcolor: token("--line"),
    zerolinecolor: token("--line"),
    linecolor: token("--line"),
    automargin: true,
  };
  const layout = resolve(figure.layout ?? {});
  Plotly.react(
    element,
    resolve(figure.data),
    {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: token("--font"), color: token("--text") },
      margin: { l: 50, r: 20, t: 20, b: 50, ...layout.margin },
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
    },
    // A chart that is told as one image has no buttons in it.
    { responsive: true, displaylogo: false, displayModeBar: element.getAttribute("role") === "img" ? false : "hover" },
  );
}

export function drawCharts(root = document) {
  root.querySelectorAll(".chart[data-source]").forEach(draw);
}

drawCharts();
document.addEventListener("themechange", () => drawCharts());
document.addEventListener("htmx:afterSwap", (event) => drawCharts(event.target));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCharts());
