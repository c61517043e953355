// Draws each <div class="chart" data-source="#id"> from the Plotly figure in the JSON script element it names.
import { onThemeChange, resolve, themedLayout } from "./themed.js";

function draw(element) {
  const figure = JSON.parse(document.querySelector(element.dataset.source).textContent);
  Plotly.react(
    element,
    resolve(figure.data),
    themedLayout(figure.layout),
    // A chart with role="img" must not contain buttons.
    { responsive: true, displaylogo: false, displayModeBar: element.getAttribute("role") === "img" ? false : "hover" },
  );
  if (figure.layout?.height) element.style.minHeight = "0"; // the stylesheet keeps room for charts of the usual height
}

export function drawCharts(root = document) {
  for (const element of root.querySelectorAll(".chart[data-source]")) draw(element);
}

drawCharts();
onThemeChange(() => drawCharts());
document.addEventListener("htmx:afterSwap", (event) => drawCharts(event.target));
