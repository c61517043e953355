// Saves a chart of the results as a picture: <button data-save-chart="svg" data-name="accuracy">, in the chart's card.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-save-chart]");
  if (!button) return;
  const chart = button.closest(".exhibit").querySelector(".chart");
  const { data, layout } = chart;
  const background = token("--surface");
  const figure = { data, layout: { ...layout, paper_bgcolor: background, plot_bgcolor: background } };
  const format = button.dataset.saveChart;
  const size = { width: chart.clientWidth, height: chart.clientHeight, scale: format === "png" ? 3 : 1 };
  // A data address, unlike a blob's, is still there when a busy browser comes to save it.
  const link = document.createElement("a");
  link.href = await Plotly.toImage(figure, { format, ...size });
  link.download = `${button.dataset.name}.${format}`;
  link.click();
});
