import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, rowsOfTable, rowsOfTraces } from "../../../static/js/figures/tables.js";

test("cells with commas, quotes and line breaks are quoted", () => {
  assert.equal(csv([["a", 'b "c"', "d,e", "f\ng", 1]]), 'a,"b ""c""","d,e","f\ng",1\r\n');
});

test("a table's cells are written as they are read", () => {
  const row = (...texts) => ({ cells: texts.map((textContent) => ({ textContent })) });
  const table = { rows: [row("accuracy", "micrographs"), row("\n  90 %\n  – 95 % ", "27")] };
  assert.deepEqual(rowsOfTable(table), [
    ["accuracy", "micrographs"],
    ["90 % – 95 %", "27"],
  ]);
});

test("the points of a chart are rows, its contours are not", () => {
  const traces = [
    { type: "contour", x: [0], y: [0], z: [[1]] },
    { name: "ferrite", mode: "markers", x: [1, 2], y: [3, 4] },
  ];
  assert.deepEqual(rowsOfTraces(traces), [
    ["series", "x", "y"],
    ["ferrite", 1, 3],
    ["ferrite", 2, 4],
  ]);
});
