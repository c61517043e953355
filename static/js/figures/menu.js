// Saves a figure: <button data-save-figure="png" data-name="accuracy"> in an element with data-figure, which holds a
// Plotly chart, or an SVG with a table of its numbers.
import { colour } from "../core/tokens.js";
import { picture, vector } from "./pictures.js";
import { csv, rowsOfTable, rowsOfTraces } from "./tables.js";

const SCALE = 3; // pixels of a PNG per pixel of the page

function saveChart(chart, format, filename) {
  const background = colour("--surface");
  const layout = { ...chart.layout, paper_bgcolor: background, plot_bgcolor: background };
  const size = { width: chart.clientWidth, height: chart.clientHeight, scale: format === "png" ? SCALE : 1 };
  window.Plotly.downloadImage({ data: chart.data, layout }, { format, filename, ...size });
}

function download(blob, filename) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  URL.revokeObjectURL(link.href);
}

const MAKERS = {
  svg: (drawing) => new Blob([vector(drawing)], { type: "image/svg+xml" }),
  png: (drawing) => picture(drawing, SCALE),
};

async function save(figure, format, name) {
  const chart = figure.querySelector(".js-plotly-plot");
  const drawing = figure.querySelector("figure svg");
  const table = figure.querySelector("details:not(.menu) table");
  if (format === "csv") {
    if (chart || table) download(new Blob([csv(chart ? rowsOfTraces(chart.data) : rowsOfTable(table))]), `${name}.csv`);
  } else if (chart) {
    saveChart(chart, format, name);
  } else if (drawing) {
    download(await MAKERS[format](drawing), `${name}.${format}`);
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-save-figure]");
  if (button) save(button.closest("[data-figure]"), button.dataset.saveFigure, button.dataset.name);
});
