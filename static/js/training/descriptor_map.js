// The descriptor map of a version or of a score. It is loaded, with Plotly, when it comes into view.
import { loadPlotly } from "../core/plotly.js";
import { onThemeChange, resolve, themedLayout } from "../core/themed.js";
import { MapExplorer } from "./map_explorer.js";
import { cropsOf, cropTraces, mapTraces, rejected, ringTrace } from "./map_traces.js";

const WORDS = {
  none: gettext("called None of these"),
  threshold: gettext("limit of None of these"),
  crosses: gettext("crops of this micrograph"),
  stars: gettext("its crops that are None of these"),
};

class DescriptorMap {
  constructor(section, Plotly, figure) {
    this.Plotly = Plotly;
    this.figure = figure;
    this.chart = section.querySelector(".descriptor-map");
    const own = section.querySelector("#own-crops");
    this.own = own ? JSON.parse(own.textContent) : null;
    this.limit = null;
    this.owner = -1;
    this.ring = -1;
    this.chosen = new Set();
    this.dragmode = false;
    onThemeChange(() => this.draw());
  }

  draw() {
    const { figure } = this;
    const outside = rejected(figure.crops, this.limit);
    const crops = this.own ?? cropsOf(figure, this.owner, outside);
    const traces = [...mapTraces(figure, outside, this.chosen, WORDS), ...cropTraces(crops, WORDS)];
    if (this.ring >= 0) traces.push(ringTrace(figure, this.ring));
    const axis = { zeroline: false, showgrid: false };
    const layout = themedLayout({
      xaxis: { ...axis, title: { text: gettext("descriptor 1") } },
      yaxis: { ...axis, title: { text: gettext("descriptor 2") } },
      legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom" },
      margin: { r: 10, t: 10 },
      hovermode: "closest",
      dragmode: this.dragmode,
      uirevision: "kept", // the zoom
    });
    return this.Plotly.react(this.chart, resolve(traces), layout, { responsive: true, displayModeBar: false });
  }
}

async function start(section) {
  const [Plotly, answer] = await Promise.all([loadPlotly(section.dataset.plotly), fetch(section.dataset.source)]);
  const map = new DescriptorMap(section, Plotly, await answer.json());
  map.chart.textContent = "";
  await map.draw();
  if (section.dataset.explore !== undefined) new MapExplorer(section, map);
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      seen.unobserve(target);
      start(target).catch(() => {
        target.querySelector(".descriptor-map").textContent = gettext("The map could not be loaded. Reload the page.");
      });
    }
  },
  { rootMargin: "200px" },
);
for (const section of document.querySelectorAll("[data-descriptor-map]")) seen.observe(section);
