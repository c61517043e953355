// What is said of a file: for all files of the drop, by the plan, and for this file alone; the later wins.
const FIELDS = ["label", "pixels_per_micrometre", "scale_source", "scale_note", "specimen", "modality", "split"];

export function saidOf({ common, details, chosen }) {
  const planned = Object.fromEntries(FIELDS.filter((name) => details[name]).map((name) => [name, details[name]]));
  const said = { ...common, ...planned, ...chosen };
  if (said.pixels_per_micrometre !== planned.pixels_per_micrometre) {
    for (const name of ["scale_source", "scale_note"]) delete said[name]; // of the plan's scale, not of a typed one
  }
  return said;
}

// A file with the label that it gets once its class is added.
export function withNewClass({ common, details, chosen }) {
  return { common, chosen, details: { ...details, label: details.new_class || details.label } };
}

// As the fields of the form: each of them, so that none is left to what the form shows by then.
export const formFields = (said) => Object.fromEntries(FIELDS.map((name) => [name, said[name] ?? ""]));

// As metadata: only what is known.
export const knownFields = (said) => Object.fromEntries(Object.entries(formFields(said)).filter(([, value]) => value));

const rounded = (scale) => `${Number(Number(scale).toPrecision(4))} px/µm`;

// The columns of the plan: label, scale, specimen (with the modality) and split.
export function columnsOf(said, sidecar) {
  const beside = sidecar && interpolate(gettext("from %(name)s"), { name: sidecar.split("/").at(-1) }, true);
  const known = {
    label: said.label,
    scale: said.pixels_per_micrometre ? rounded(said.pixels_per_micrometre) : beside,
    specimen: [said.specimen, said.modality].filter(Boolean).join(" · "),
    split: said.split,
  };
  const absent = {
    label: gettext("unlabelled"),
    scale: gettext("read after upload"),
    specimen: gettext("no specimen"),
    split: gettext("no split"),
  };
  return Object.keys(known).map((name) => ({ name, text: known[name] || absent[name], isMissing: !known[name] }));
}
