// The numbers of a figure as CSV: from the table beside it, or from the points that Plotly draws.

const cell = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export const csv = (rows) => `${rows.map((row) => row.map((value) => cell(String(value))).join(",")).join("\r\n")}\r\n`;

export function rowsOfTable(table) {
  return [...table.rows].map((row) => [...row.cells].map(({ textContent }) => textContent.trim().replace(/\s+/g, " ")));
}

export function rowsOfTraces(traces) {
  const drawn = traces.filter(({ x, y, mode }) => x && y && mode?.includes("markers"));
  return [["series", "x", "y"], ...drawn.flatMap(({ name = "", x, y }) => Array.from(x, (at, i) => [name, at, y[i]]))];
}
