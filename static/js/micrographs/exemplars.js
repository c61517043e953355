// Shows beside each class its three known micrographs whose scale is nearest to the shown one's, since a structure
// looks different at another magnification.
const SHOWN = 3;

export class Exemplars {
  // `known`: class name to [{src, scale}].
  constructor(places, known) {
    this.places = [...places].map((place) => ({ place, known: known[place.dataset.exemplars] ?? [] }));
  }

  show(scale) {
    for (const { place, known } of this.places) {
      const away = (one) => (scale && one.scale ? Math.abs(Math.log(one.scale / scale)) : 0);
      const nearest = [...known].sort((one, other) => away(one) - away(other)).slice(0, SHOWN);
      const images = nearest.map(({ src }) => Object.assign(new Image(), { src, alt: "" }));
      place.replaceChildren(...images);
    }
  }
}
