import test from "ava";
import { changesOf } from "#immutable";
import { changeWorld, emptyWorld } from "#runtime";
import { joinFiles } from "../join.ts";
import type { HttpMatch } from "../model/match.ts";
import type { HttpRule, RouteSet } from "../model/routes.ts";
import { object, service, worldOf } from "../testing/world.ts";

const web = service("web");
const route = "route: [{destination: {host: web}}]";

const root = (rule: string) =>
  object("VirtualService", "root", `{hosts: [web], http: [{${rule}, delegate: {name: part}}]}`);
const part = (rules: string, more = "") => object("VirtualService", "part", `{${more}http: [${rules}]}`);

function rulesOf(yaml: string): readonly HttpRule[] {
  const { mesh } = worldOf(web + yaml, { allowErrors: true });
  return mesh.routeSets.find(({ name }) => name === "root")?.http ?? [];
}

/** The conditions of a match that are set, in short. */
function textOf(match: HttpMatch): string {
  const { path, method, headers, query, port, sourceLabels, ignoreCase, gateways } = match;
  return [
    path && `${path.type} ${path.value}${ignoreCase ? " any case" : ""}`,
    method?.type === "exact" && method.value,
    ...headers.map(({ name }) => name),
    ...query.map(({ name }) => `?${name}`),
    port !== undefined && `:${port}`,
    ...Object.values(sourceLabels),
    ...(gateways ?? []),
  ]
    .filter(Boolean)
    .join(" ");
}

for (const [title, outer, inner, expected] of [
  ["no condition of its own", "match: [{uri: {prefix: /a}}]", route, ["prefix /a"]],
  ["a condition where the root has none", "name: r", `match: [{uri: {prefix: /b}}], ${route}`, ["prefix /b"]],
  [
    "a narrower prefix",
    "match: [{uri: {prefix: /a}}]",
    `match: [{uri: {prefix: /a/b}}], ${route}`,
    ["prefix /a/b"],
  ],
  [
    "an exact path below",
    "match: [{uri: {prefix: /a}}]",
    `match: [{uri: {exact: /a/b}}], ${route}`,
    ["exact /a/b"],
  ],
  ["a wider prefix", "match: [{uri: {prefix: /a/b}}]", `match: [{uri: {prefix: /a}}], ${route}`, undefined],
  ["another path", "match: [{uri: {exact: /a}}]", `match: [{uri: {exact: /b}}], ${route}`, undefined],
  [
    "a regular expression",
    "match: [{uri: {prefix: /a}}]",
    `match: [{uri: {regex: /a.*}}], ${route}`,
    undefined,
  ],
  [
    "another case",
    "match: [{uri: {prefix: /a}, ignoreUriCase: true}]",
    `match: [{uri: {prefix: /a/b}}], ${route}`,
    undefined,
  ],
  [
    "no path, where the root ignores case",
    "match: [{uri: {prefix: /a}, ignoreUriCase: true}]",
    `match: [{method: {exact: GET}}], ${route}`,
    ["prefix /a any case GET"],
  ],
  [
    "conditions of other kinds",
    "match: [{headers: {x: {exact: a}}, port: 80}]",
    `match: [{queryParams: {q: {exact: b}}, sourceLabels: {app: c}}], ${route}`,
    ["x ?q :80 c"],
  ],
  ["another port", "match: [{port: 80}]", `match: [{port: 81}], ${route}`, undefined],
  [
    "another method",
    "match: [{method: {exact: GET}}]",
    `match: [{method: {exact: PUT}}], ${route}`,
    undefined,
  ],
  [
    "another caller",
    "match: [{sourceLabels: {app: a}}]",
    `match: [{sourceLabels: {app: b}}], ${route}`,
    undefined,
  ],
  [
    "several conditions, each with each",
    "match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}]",
    `match: [{method: {exact: GET}}, {uri: {prefix: /b/c}}], ${route}`,
    ["prefix /a GET", "prefix /b GET", "prefix /b/c"],
  ],
  [
    "one match that fits into none",
    "match: [{uri: {prefix: /a}}]",
    `match: [{uri: {prefix: /a/b}}, {uri: {prefix: /x}}], ${route}`,
    undefined,
  ],
  [
    "a header that may be more than the root's",
    "match: [{headers: {x: {exact: '12'}}}]",
    `match: [{headers: {x: {prefix: '1'}}}], ${route}`,
    undefined,
  ],
  [
    "a parameter that need only be there",
    "match: [{queryParams: {q: {exact: b}}}]",
    `match: [{queryParams: {q: {}}}], ${route}`,
    undefined,
  ],
  [
    "another gateway",
    "match: [{gateways: [edge]}]",
    `match: [{gateways: [mesh], uri: {prefix: /a}}], ${route}`,
    undefined,
  ],
] as const) {
  test(`a delegate with ${title}`, (t) => {
    const [rule] = rulesOf(root(outer) + part(`{${inner}}`));
    t.deepEqual(rule?.matches.map(textOf), expected && [...expected]);
  });
}

test("what the delegate leaves unsaid, the root says", (t) => {
  const [rule] = rulesOf(
    root("name: outer, timeout: 5s, headers: {request: {set: {a: '1'}}}") +
      part(`{name: inner, retries: {attempts: 4}, headers: {request: {set: {b: '2'}}}, ${route}}`),
  );
  t.like(rule, { name: "outer-inner", timeoutMs: 5000, retries: { attempts: 4 } });
  t.deepEqual(
    rule?.headers.request.set.map(({ name }) => name),
    ["b"],
  );
  t.is(rule?.action.type, "forward");
  const [changing] = rulesOf(root("headers: {request: {set: {a: '1'}}}") + part(`{${route}}`));
  t.deepEqual(
    changing?.headers.request.set.map(({ name }) => name),
    ["a"],
  );
  const [own] = rulesOf(root("timeout: 5s") + part(`{timeout: 1s, ${route}}`));
  t.is(own?.timeoutMs, 1000);
});

test("rules around a delegating one stay where they are", (t) => {
  const yaml =
    object(
      "VirtualService",
      "root",
      `{hosts: [web], http: [
        {match: [{uri: {exact: /1}}], ${route}},
        {match: [{uri: {prefix: /2}}], delegate: {name: part}},
        {match: [{uri: {exact: /3}}], ${route}}]}`,
    ) + part(`{match: [{uri: {exact: /2/a}}], ${route}}, {match: [{uri: {exact: /2/b}}], ${route}}`);
  t.deepEqual(
    rulesOf(yaml).map(({ matches }) => matches.map(textOf).join()),
    ["exact /1", "exact /2/a", "exact /2/b", "exact /3"],
  );
});

for (const [title, yaml, reason] of [
  ["is missing", "", "missing"],
  ["has hosts of its own", part(`{${route}}`, "hosts: [other], "), "missing"],
  [
    "is not exported to the root",
    object("VirtualService", "part", `{exportTo: ["."], http: [{${route}}]}`, "other"),
    "not-visible",
  ],
] as const) {
  test(`a delegate that ${title} is a problem, and its rule is left out`, (t) => {
    const namespace = title.includes("exported") ? ", namespace: other" : "";
    const { mesh, diagnostics } = worldOf(
      web +
        object("VirtualService", "root", `{hosts: [web], http: [{delegate: {name: part${namespace}}}]}`) +
        yaml,
      { allowErrors: true },
    );
    t.deepEqual(mesh.routeSets.find(({ name }) => name === "root")?.http, []);
    const [problem] = diagnostics.filter(({ code }) => code === "delegate-not-found");
    t.regex(problem?.message ?? "", reason === "missing" ? /without hosts/ : /not exported/);
  });
}

test("a delegate routes nothing by itself", (t) => {
  const { mesh } = worldOf(web + root("timeout: 1s") + part(`{${route}}`));
  t.deepEqual(
    mesh.routeSets.map(({ name }) => name),
    ["root"],
  );
});

const other = object("VirtualService", "other", `{hosts: [other.example.com], http: [{${route}}]}`);

/** The route sets of a mesh before and after another version of one file of it. */
function changed(before: string, after: string) {
  const file = (text: string) => ({ name: "part.yaml", text });
  const files = [{ name: "1.yaml", text: web + root("name: outer") + other }, file(before)];
  const first = changeWorld(emptyWorld(), { upserted: files, removed: [] });
  const { files: changedFiles } = changeWorld(first, { upserted: [file(after)], removed: [] });
  // As they are, without what the runtime holds back of a change until its references are there.
  const joined = joinFiles(first.files);
  return [joined.mesh.routeSets, joinFiles(changedFiles, undefined, joined).mesh.routeSets] as const;
}

const summary = (sets: readonly RouteSet[]) =>
  sets.map(({ name, http }) => [name, ...http.flatMap(({ matches }) => matches.map(textOf))].join(" "));

test("another version of a delegate makes its roots anew, and leaves the others what they were", (t) => {
  const rule = (prefix: string) => part(`{match: [{uri: {prefix: ${prefix}}}], ${route}}`);
  const [before, after] = changed(rule("/a"), rule("/b"));
  t.deepEqual(changesOf(after), { before, places: [1] });
  t.deepEqual(summary(after), ["other", "root prefix /b"]);
});

test("what gets hosts of its own is a root, and what loses them is none", (t) => {
  const rule = `{match: [{uri: {prefix: /p}}], ${route}}`;
  const [own, delegate] = [part(rule, "hosts: [part.example.com], "), part(rule)];
  for (const [before, after, expected] of [
    [own, delegate, ["other", "root prefix /p"]],
    [delegate, own, ["other", "part prefix /p", "root"]],
  ] as const) {
    const [, sets] = changed(before, after);
    t.deepEqual(summary(sets), [...expected]);
    t.is(changesOf(sets), undefined);
  }
});
