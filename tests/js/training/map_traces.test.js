import assert from "node:assert/strict";
import { test } from "node:test";
import { cropsOf, cropTraces, mapTraces, rejected } from "../../../static/js/training/map_traces.js";

const WORDS = { none: "none", threshold: "limit", crosses: "crosses", stars: "stars" };
const figure = {
  classes: [
    { name: "ferrite", shape: "square", colour: "--class-0" },
    { name: "pearlite", shape: "circle", colour: "--class-1" },
  ],
  none_of_these: "square-open",
  crops: {
    x: [0, 1, 2, 3],
    y: [4, 5, 6, 7],
    label: [0, 0, 1, 1],
    owner: [0, 1, 1, 2],
    evidence: [0.1, 0.6, 0.2, 0.9],
    outside: [false, false, false, true],
  },
  background: { x: [0, 1], y: [0, 1], z: [[0, 0]] },
  threshold: null,
};
const drawn = (limit, chosen = new Set(), given = figure) =>
  mapTraces(given, rejected(given.crops, limit), chosen, WORDS);

test("crops have the colours and shapes of their classes; those that are none of these are open squares", () => {
  const [background, ferrite, pearlite, none] = drawn(null);
  assert.equal(background.type, "contour");
  assert.deepEqual([ferrite.x, ferrite.marker.symbol, ferrite.marker.color], [[0, 1], "square", "--class-0"]);
  assert.deepEqual([pearlite.x, pearlite.customdata], [[2], [2]]);
  assert.deepEqual([none.x, none.marker.symbol, none.marker.color], [[3], "square-open", ["--class-1"]]);
});

test("another limit makes other crops none of these", () => {
  assert.deepEqual(drawn(0.5).at(-1).x, [1, 3]);
  assert.equal(drawn(1).at(-1).name, "pearlite");
});

test("all crops of a chosen micrograph are bright", () => {
  const [, ferrite, pearlite, none] = drawn(null, new Set([1]));
  assert.deepEqual([ferrite.selectedpoints, pearlite.selectedpoints, none.selectedpoints], [[1], [0], []]);
  assert.equal(drawn(null)[1].selectedpoints, null);
});

test("the contour of a threshold is drawn where there is one", () => {
  const trace = drawn(null, new Set(), { ...figure, threshold: -3 }).at(-1);
  assert.deepEqual([trace.name, trace.contours.start, trace.contours.end], ["limit", -3, -3]);
});

test("crops of one micrograph are crosses, and stars where they are none of these", () => {
  const own = cropsOf(figure, 1, rejected(figure.crops, 0.5));
  assert.deepEqual(own, [
    [1, 5, true],
    [2, 6, false],
  ]);
  const [crosses, stars] = cropTraces(own, WORDS);
  assert.deepEqual([crosses.marker.symbol, crosses.x, stars.marker.symbol, stars.x], ["x", [2], "star", [1]]);
  assert.deepEqual(cropTraces(cropsOf(figure, -1, figure.crops.outside), WORDS), []);
});
