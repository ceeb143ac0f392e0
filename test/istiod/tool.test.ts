// The rest of the tool, without istiod: what it reads, what it makes of files, and what it says.

import { readFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { asIfStored } from "./api-server.ts";
import { verdictOn } from "./build.ts";
import type { JsonObject } from "./json.ts";
import { readOptions } from "./options.ts";
import { renderNews, sortOut } from "./report.ts";
import { shrink } from "./shrink.ts";
import { understood } from "./understood.ts";

test("reasons that are documented are documented", (t) => {
  const text = readFileSync(path.join(import.meta.dirname, "../../docs/differences.md"), "utf8");
  const prose = text.replaceAll(/\s+/g, " ");
  const missing = understood.flatMap(({ documented = "" }) =>
    prose.includes(documented) ? [] : [documented],
  );
  t.deepEqual(missing, []);
});

test("Services get slices of their pods, by port", (t) => {
  const pod = (name: string, port: number) => `kind: Pod
metadata: { name: ${name}, labels: { app: reviews } }
spec: { containers: [{ name: app, ports: [{ name: web, containerPort: ${port} }] }] }
status: { podIP: 10.0.0.${port} }
`;
  const service = `kind: Service
metadata: { name: reviews }
spec: { selector: { app: reviews }, ports: [{ port: 80, targetPort: web }] }
`;
  const stored = asIfStored([[service, pod("one", 1), pod("two", 2), pod("three", 2)].join("---\n")]);
  const slices = stored
    .split("\n---\n")
    .map((each) => JSON.parse(each) as JsonObject)
    .filter(({ kind }) => kind === "EndpointSlice");
  t.deepEqual(
    slices.map(({ ports, endpoints }) => [ports, Array.isArray(endpoints) && endpoints.length]),
    [
      [[{ name: "", protocol: "TCP", port: 1 }], 1],
      [[{ name: "", protocol: "TCP", port: 2 }], 2],
    ],
  );
});

test("news is grouped, and what is understood is counted", (t) => {
  const at = { world: "1#0", proxy: "client.default", ours: "1s", istiod: "2s" };
  const { news, understood } = sortOut([
    { ...at, path: "routes/80/hosts/a.example:80/routes/0/route/timeout" },
    { ...at, path: "routes/81/hosts/b.example:80/routes/1/route/timeout" },
    { ...at, path: "clusters/inbound|80||/balancing/name" },
  ]);
  t.is(understood.size, 1);
  t.is(
    renderNews(news, { examples: 1, width: 100 }),
    `2 × routes/#/hosts/…:80/routes/#/route/timeout
    world 1#0, proxy client.default: routes/80/hosts/a.example:80/routes/0/route/timeout
      Fairlead "1s"
      istiod   "2s"
`,
  );
});

test("shrinking keeps what is needed, and nothing else", async (t) => {
  const objects = [
    { kind: "A", spec: { hosts: ["a", "b"], other: true } },
    { kind: "B", spec: {} },
  ];
  const smallest = await shrink(objects, async (fewer) => JSON.stringify(fewer).includes('"b"'));
  t.deepEqual(smallest, [{ kind: "A", spec: { hosts: ["b"] } }]);
});

test("a Go that is missing or too old is said to be so", (t) => {
  t.regex(verdictOn(undefined, "1.26.0") ?? "", /no Go that runs here: install Go 1\.26\.0 or newer/);
  t.regex(verdictOn("go1.9.7", "1.26.0") ?? "", /needs Go 1\.26\.0, and here is go1\.9\.7/);
  t.is(verdictOn("go1.26.8", "1.26.0"), undefined);
  t.is(verdictOn("go1.27.3", "1.26.0"), undefined);
});

test("one world is asked for by its place among enough of them", (t) => {
  const { at, worlds, kinds } = readOptions(["--at", "90", "--kinds", "Sidecar,Gateway"]);
  t.deepEqual({ at, worlds, kinds }, { at: 90, worlds: 91, kinds: ["Sidecar", "Gateway"] });
  t.throws(() => readOptions(["--shrink", "timeout"]), { message: "--shrink needs --at INDEX" });
  t.throws(() => readOptions(["--seed", "x"]), { message: "--seed wants a number, not x" });
});
