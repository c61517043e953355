// Saves a chart of the results as a picture: <button data-save-chart="svg" data-name="accuracy">, in the chart's card.
import { colour } from "../core/tokens.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-chart]");
  if (!button) return;
  const chart = button.closest(".exhibit").querySelector(".chart");
  const { data, layout } = chart;
  const background = colour("--surface");
  const figure = { data, layout: { ...layout, paper_bgcolor: background, plot_bgcolor: background } };
  const format = button.dataset.saveChart;
  const size = { width: chart.clientWidth, height: chart.clientHeight, scale: format === "png" ? 3 : 1 };
  Plotly.downloadImage(figure, { format, filename: button.dataset.name, ...size });
});
