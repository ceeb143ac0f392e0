import test from "ava";
import { drawLogLog } from "./log-log.ts";

const line = (...points: readonly (readonly [number, number])[]) =>
  drawLogLog([
    {
      title: "Cost & size",
      xLabel: "x",
      yLabel: "y",
      series: [{ name: "one", colour: 0, dashed: false, points: points.map(([x, y]) => ({ x, y })) }],
    },
  ]);

const placesIn = (svg: string) =>
  (/points="([^"]+)"/.exec(svg)?.[1] ?? "").split(" ").map((place) => place.split(",").map(Number));

test("equal factors are equal distances, and more is higher and further right", (t) => {
  const [first = [], second = [], third = []] = placesIn(line([10, 1], [100, 10], [1000, 100]));
  const steps = [second, third].map(([x = 0, y = 0], index) => {
    const [fromX = 0, fromY = 0] = [first, second][index] ?? [];
    return [x - fromX, fromY - y];
  });
  const [[right = 0, up = 0] = [], [rightAgain = 0, upAgain = 0] = []] = steps;
  t.true(right > 0 && up > 0);
  t.true(Math.abs(right - rightAgain) < 0.2 && Math.abs(up - upAgain) < 0.2);
});

test("noise on a flat line looks flat", (t) => {
  const [[, first = 0] = [], [, second = 0] = []] = placesIn(line([10, 5], [100, 6], [10_000, 5]));
  t.true(Math.abs(first - second) < 20);
});

test("nothing is drawn outside, zero included", (t) => {
  const places = placesIn(line([10, 5], [100, 6], [10_000, 0]));
  t.true(places.every(([x = -1, y = -1]) => x >= 0 && x <= 360 && y >= 0 && y <= 270));
});

test("names are text, not markup, and each size has its label", (t) => {
  const svg = line([100, 5], [10_000, 5]);
  t.true(svg.includes("Cost &amp; size"));
  t.true(svg.includes(">100</text>") && svg.includes(">10,000</text>"));
});
