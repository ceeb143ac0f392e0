// Timeouts, retries, faults, mirrors and weights made up at random, and servers that are asked to fail in all ways: what clients get and
// what reaches servers is what the reference says.

import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { stringify } from "yaml";
import { meshConfigFile, serviceFile } from "../end-to-end/cast.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import { type Policy, policy, type Request, request } from "./made-up-resilience.ts";
import { networkingText, subsetsText } from "./objects.ts";
import { type Call, type Outcome, outcomeOf, outcomesOf, type Route } from "./resilience.ts";

const servers = ["reviews-v1", "reviews-v2", "ratings-v1", "copies-v1", "copies-v2"] as const;

let mesh: Mesh;
let calls = 0;

test.before(async () => {
  mesh = await startMesh({
    net: 56,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      ...servers.map((name, index) => ({ name, at: 3 + index })),
      { name: "half-v1", at: 10 },
      // Nobody listens.
      { name: "half-v2", at: 11, serves: [] },
    ],
    files: {
      "services.yaml": ["reviews", "ratings", "copies", "half"].map((app) => serviceFile(app)).join("---"),
      "rules.yaml": ["reviews", "ratings", "copies"].map((app) => subsetsText(app)).join("---\n"),
      // Two hosts one after the other would seem to be told apart where they are not.
      "half.yaml": networkingText(
        "DestinationRule",
        { name: "half", namespace: "shop" },
        { host: "half", trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
      ),
    },
  });
});

test.after.always(() => mesh?.stop());

test("clients get what the reference says, from whom it says and after as many attempts", (t) =>
  compare<Policy, Request, Outcome | readonly string[]>(t, {
    policies: policy,
    requests: request,
    requestsPerPolicy: 8,
    together: true,
    apply: async ({ routes, meshRetries }) => {
      for (const name of servers) mesh.application(name).forget();
      const config = meshRetries ? stringify({ defaultHttpRetryPolicy: meshRetries }) : "";
      const text = routesText("reviews", routes);
      // One wait for both.
      await mesh.control.save({ "mesh-config.yaml": meshConfigFile(config) });
      await mesh.policy(text);
      return [config, text].join("---\n");
    },
    expected: ({ routes, meshRetries }, { to, call }) => {
      const plain = { route: [{ destination: { host: "ratings", subset: "v1" } }] };
      const route = routes[to as number] ?? plain;
      return call ? outcomeOf(route, meshRetries, call) : outcomesOf(route, meshRetries);
    },
    actual: ({ to, call }, expected) => {
      const url = to === "ratings" ? "http://ratings:9080/" : `http://reviews:9080/${to}`;
      return call ? callOnce(url, call, expected as Outcome) : callOften(url);
    },
    kind: (outcome) => {
      if (!("status" in outcome)) return outcome.join();
      const { status, attempts, copies } = outcome;
      return [status, attempts > 1 && "again", copies.length > 0 && "copied"].filter(Boolean).join(" ");
    },
  }));

async function callOnce(
  url: string,
  { replies, waitMs, headers }: Call,
  expected: Outcome,
): Promise<Outcome> {
  const id = `${++calls}`;
  const asked = { "x-call": id, "x-reply": replies.join(), "x-wait": `${waitMs}` };
  const started = performance.now();
  const { status } = await mesh.call("client", url, { headers: { ...headers, ...asked } });
  const late = performance.now() - started - expected.tookMs;
  const arrived = (isCopy: boolean) =>
    servers
      .flatMap((name) => mesh.application(name).seen)
      .filter((seen) => seen.headers["x-call"] === id && seen.server.startsWith("copies-") === isCopy)
      .map(({ server }) => server)
      .sort();
  // Nobody waits for copies.
  for (let waits = 0; waits < 30 && arrived(true).length < expected.copies.length; waits++) await sleep(10);
  const reached = [...new Set(arrived(false))];
  const isOneOf = reached.length < 2 && reached.every((server) => expected.among.includes(server));
  return {
    status,
    attempts: arrived(false).length,
    // Between attempts there is some time.
    tookMs: late > -30 && late < 1000 ? expected.tookMs : expected.tookMs + late,
    among: isOneOf ? expected.among : reached,
    copies: arrived(true),
  };
}

/** Servers, or the proxy's own statuses, but for what is as rare as that a retry picks the same host six times. */
async function callOften(url: string): Promise<readonly string[]> {
  const all = await Promise.all(Array.from({ length: 40 }, () => mesh.call("client", url)));
  const seen = all.map(({ status, server }) => server || `${status}`);
  return [...new Set(seen)].filter((each) => seen.filter((other) => other === each).length > 4).sort();
}

function routesText(app: string, routes: readonly Route[]): string {
  const http = routes.map((route, index) => ({ match: [{ uri: { exact: `/${index}` } }], ...route }));
  return networkingText("VirtualService", { name: app, namespace: "shop" }, { hosts: [app], http });
}
