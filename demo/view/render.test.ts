import test from "ava";
import { createColors } from "picocolors";
import { renderProblem, renderView } from "./render.ts";
import { summarizeRoute } from "./routes.ts";
import type { ViewState } from "./state.ts";

const plain = createColors(false);

const state: ViewState = {
  pageUrl: "http://127.0.1.10:8080/productpage",
  statusUrl: "http://127.0.0.1:15014/",
  proxies: { all: 7, inSync: 7 },
  perSecond: 20,
  windowSeconds: 5,
  routes: [
    {
      name: "reviews",
      total: 100,
      ok: 100,
      p50: 4.2,
      p99: 31,
      versions: [
        { version: "v1", count: 80 },
        { version: "v2", count: 20 },
        { version: "v3", count: 0 },
      ],
    },
    { name: "ratings", total: 0, ok: 0, versions: [{ version: "v1", count: 0 }] },
  ],
  files: [{ path: "policy/reviews.yaml", about: "Who gets which reviews." }],
  landings: [
    {
      savedAt: 0,
      files: [
        { name: "examples/bookinfo/policy/reviews.yaml", summary: "VirtualService reviews: weight 80 → 50" },
      ],
      proxies: 6,
      tookMs: 48,
      refusals: [],
    },
  ],
  problems: [],
};

const draw = (over: Partial<ViewState>, columns = 120, rows = 40) =>
  renderView({ ...state, ...over }, { columns, rows }, plain);

test("the split of a route, in bars and numbers", (t) => {
  const line = draw({}).find((each) => each.includes("reviews  "));
  t.is(
    line,
    "  reviews                  100%    4.2 ms     31 ms  v1 ███████████████████ 80%  v2 █████ 20%  v3 0%",
  );
});

test("a route without traffic says so", (t) => {
  const line = draw({}).find((each) => each.includes("ratings"));
  t.is(line, "  ratings                     –         –         –  nobody");
});

test("a change is named with its file, what it changed and how fast it was everywhere", (t) => {
  const text = draw({}).join("\n");
  t.regex(
    text,
    /\d\d:\d\d:\d\d {2}6 proxies in 48 ms {2}policy\/reviews\.yaml VirtualService reviews: weight 80 → 50/,
  );
});

test("a problem is named with its place, and with what it means for the traffic", (t) => {
  const problem = { severity: "error", place: "policy/a.yaml:3:5", message: "unknown field" } as const;
  const expected = "✗ policy/a.yaml:3:5: unknown field (as before)";
  t.is(renderProblem({ ...problem, consequence: "as before" }, plain), expected);
  t.true(draw({ problems: [{ ...problem, consequence: "as before" }] }).includes(`  ${expected}`));
  t.is(renderProblem({ ...problem, severity: "warning" }, plain), "! policy/a.yaml:3:5: unknown field");
});

test("the table fits a narrow terminal whole", (t) => {
  t.true(draw({}, 80, 24).some((line) => line.startsWith("  reviews") && line.endsWith("v3 0%")));
});

test("proxies that lag behind are counted", (t) => {
  t.regex(draw({ proxies: { all: 7, inSync: 5 } })[0] ?? "", /5 of 7 Envoys in sync/);
});

test("never more than the terminal has, and the newest change first", (t) => {
  const [landing] = state.landings;
  if (!landing) return t.fail();
  const landings = Array.from({ length: 60 }, (_, index) => ({
    ...landing,
    files: [{ name: `p/${index}.yaml`, summary: "x ".repeat(90) }],
  }));
  const problems = Array.from({ length: 60 }, (_, index) => ({
    severity: "error" as const,
    place: `p/${index}.yaml:1:1`,
    message: "m ".repeat(90),
  }));
  for (const [columns, rows] of [
    [80, 24],
    [120, 40],
    [200, 60],
  ] as const) {
    const lines = draw({ landings, problems }, columns, rows);
    t.true(lines.length <= rows);
    t.deepEqual(
      lines.filter((line) => line.length > columns),
      [],
    );
    t.true(lines.some((line) => line.includes("p/59.yaml")));
    t.true(lines.some((line) => line.includes("p/0.yaml:1:1")));
  }
});

test("a route in a few words, for logs", (t) => {
  t.deepEqual(state.routes.map(summarizeRoute), [
    "reviews: ok 100% v1 80% v2 20% v3 0%",
    "ratings: ok – v1 –",
  ]);
});
