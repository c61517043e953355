// Saves a chart of the results as a picture: <button data-save-chart="svg" data-name="accuracy">, in the chart's card.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-save-chart]");
  if (!button) return;
  const chart = button.closest(".exhibit").querySelector(".chart");
  const { data, layout } = chart;
  const background = token("--surface");
  const figure = { data, layout: { ...layout, paper_bgcolor: background, plot_bgcolor: background } };
  const size = {
    width: chart.clientWidth,
    height: chart.clientHeight,
    scale: button.dataset.saveChart === "png" ? 3 : 1,
  };
  Plotly.downloadImage(figure, { format: button.dataset.saveChart, filename: button.dataset.name, ...size });
});
