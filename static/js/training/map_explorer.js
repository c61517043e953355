// What a person does on the descriptor map: look at a point's micrograph, open it, choose several, try another limit.
import { bits, isStep, nearest } from "./map_walk.js";

const ANY = "00000000-0000-0000-0000-000000000000"; // stands for a micrograph in the address that the page gives
const REST = 80; // milliseconds that the pointer or the keyboard rests on a point before its micrograph is fetched

export class MapExplorer {
  constructor(section, map) {
    this.section = section;
    this.map = map;
    this.inset = section.querySelector("[data-inset]");
    this.cards = new Map();
    this.listenToChart();
    this.listenToTools();
    this.listenToLimits();
    // The table comes later.
    section.addEventListener("click", (event) => {
      const button = event.target.closest("[data-show-on-map]");
      if (button) this.showFromTable(Number(button.dataset.showOnMap));
    });
  }

  listenToChart() {
    const { chart, figure } = this.map;
    // Drawing anew would end a lasso.
    const pressed = (is) => () => {
      this.pressed = is;
      clearTimeout(this.resting);
    };
    chart.addEventListener("pointerdown", pressed(true), { capture: true });
    window.addEventListener("pointerup", pressed(false), { capture: true });
    const cropAt = (event) => event?.points?.[0]?.customdata ?? -1;
    chart.on("plotly_hover", (event) => this.look(cropAt(event)));
    chart.on("plotly_click", (event) => {
      const crop = cropAt(event);
      this.look(crop);
      // Without a mouse the first touch shows the card, which has a link.
      if (matchMedia("(hover: hover)").matches) this.open(crop, event.event.ctrlKey || event.event.metaKey);
    });
    chart.on("plotly_selected", (event) => {
      if (event && !this.drawing) this.choose(event.points.map((point) => figure.crops.owner[point.customdata]));
    });
    chart.addEventListener("keydown", (event) => this.press(event));
    chart.addEventListener("focus", () => {
      if (chart.matches(":focus-visible")) this.step(this.first()); // not where the mouse begins a lasso
    });
    chart.addEventListener("blur", () => this.step(-1));
  }

  listenToTools() {
    const tools = [...this.section.querySelectorAll("[data-tool]")];
    for (const tool of tools) {
      tool.addEventListener("click", () => {
        for (const one of tools) one.setAttribute("aria-pressed", one === tool);
        this.map.dragmode = tool.dataset.tool || false;
        this.map.draw();
      });
    }
    this.section.querySelector("[data-whole-map]").addEventListener("click", () => {
      this.map.Plotly.relayout(this.map.chart, { "xaxis.autorange": true, "yaxis.autorange": true });
    });
    this.section.querySelector("[data-choose-none]").addEventListener("click", () => this.choose([], false));
  }

  listenToLimits() {
    const slider = this.section.querySelector("[data-limits]");
    if (!slider) return;
    const consequences = [...this.section.querySelectorAll("[data-consequence]")];
    const own = slider.value;
    slider.addEventListener("input", () => {
      for (const [place, element] of consequences.entries()) element.hidden = place !== Number(slider.value);
      const { limit } = consequences[slider.value].dataset;
      this.map.limit = slider.value === own || !limit ? null : Number(limit);
      this.map.draw();
    });
  }

  // Show the micrograph of a crop: all its crops on the map, and the card.
  look(crop) {
    const owner = this.map.figure.crops.owner[crop] ?? -1;
    if (owner < 0 || owner === this.map.owner || this.pressed) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(async () => {
      this.map.owner = owner;
      this.map.draw();
      const card = await this.card(owner);
      if (owner === this.map.owner) this.inset.innerHTML = card;
    }, REST);
  }

  async card(owner) {
    if (!this.cards.has(owner)) {
      const answer = await fetch(`${this.section.dataset.micrographs}${this.map.figure.micrographs[owner]}/`);
      if (!answer.ok) return gettext("This micrograph can no longer be opened.");
      this.cards.set(owner, await answer.text());
    }
    return this.cards.get(owner);
  }

  open(crop, apart = false) {
    const owner = this.map.figure.crops.owner[crop] ?? -1;
    if (owner < 0) return;
    const address = this.section.dataset.micrograph.replace(ANY, this.map.figure.micrographs[owner]);
    if (apart) window.open(address);
    else window.location.assign(address);
  }

  press(event) {
    const { ring, figure } = this.map;
    if (isStep(event.key) && ring >= 0) this.step(nearest(figure.crops, ring, event.key));
    else if (event.key === "Enter") this.open(ring);
    else if (event.key === " " && ring >= 0) this.choose([figure.crops.owner[ring]], true);
    else if (event.key === "Escape") this.choose([], false);
    else return;
    event.preventDefault();
  }

  step(crop) {
    this.map.ring = crop;
    this.map.draw();
    this.look(crop);
  }

  first() {
    const { owner } = this.map.figure.crops;
    return this.map.owner < 0 ? owner.findIndex((one) => one >= 0) : owner.indexOf(this.map.owner);
  }

  showFromTable(owner) {
    this.map.chart.focus();
    this.step(this.map.figure.crops.owner.indexOf(owner));
  }

  // Choose the micrographs of these owners; `toggle` adds to what is chosen, or takes off what is.
  choose(owners, toggle = false) {
    const known = owners.filter((owner) => owner >= 0);
    const chosen = new Set(toggle ? this.map.chosen : known);
    if (toggle) for (const owner of known) if (!chosen.delete(owner)) chosen.add(owner);
    this.map.chosen = chosen;
    this.showChoice();
    this.drawChoice();
  }

  // Taking the drawn lasso away makes Plotly tell of a selection once more, which nobody made.
  async drawChoice() {
    this.drawing = true;
    await this.map.Plotly.relayout(this.map.chart, { selections: [] });
    await this.map.draw();
    this.drawing = false;
  }

  showChoice() {
    const { chosen, figure } = this.map;
    const text = ngettext("%s micrograph chosen", "%s micrographs chosen", chosen.size);
    this.section.querySelector("[data-chosen-count]").textContent = interpolate(text, [chosen.size]);
    this.section.querySelector("[data-chosen]").hidden = !chosen.size;
    const value = `map:${this.section.dataset.version}:${bits(chosen, figure.micrographs.length)}`;
    for (const link of this.section.querySelectorAll("[data-chosen] a")) {
      link.search = new URLSearchParams({ among: value });
    }
  }
}
