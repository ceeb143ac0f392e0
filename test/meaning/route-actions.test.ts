// Redirects, direct responses, rewrites, header changes and CORS policies made up at random: what clients and servers see is what the
// reference says.

import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { serviceFile } from "../end-to-end/cast.ts";
import { type Answer, type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import type { Values } from "./cors.ts";
import { call, routes } from "./made-up-route-actions.ts";
import { networkingText, subsetsText } from "./objects.ts";
import { changeable, type Outcome, outcomeOf } from "./route-actions.ts";

let mesh: Mesh;
let calls = 0;

test.before(async () => {
  mesh = await startMesh({
    net: 57,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      { name: "copies-v1", at: 5 },
    ],
    files: {
      "services.yaml": ["reviews", "copies"].map((app) => serviceFile(app)).join("---"),
      "subsets.yaml": ["reviews", "copies"].map((app) => subsetsText(app)).join("---\n"),
    },
  });
});

test.after.always(() => mesh?.stop());

test("clients and servers see what the reference says", (t) =>
  compare(t, {
    policies: routes,
    requests: call,
    requestsPerPolicy: 40,
    apply: async (http) => {
      mesh.application("copies-v1").forget();
      const metadata = { name: "reviews", namespace: "shop" };
      const text = networkingText("VirtualService", metadata, { hosts: ["reviews"], http });
      await mesh.policy(text);
      return text;
    },
    expected: (http, made): Outcome => outcomeOf(http, made),
    actual: async ({ method, authority, path, query, headers, answer }, expected) => {
      const id = `${++calls}`;
      const said = Object.entries(answer).map((pair) => pair.join("="));
      const asked = { "x-call": id, ...(said.length > 0 && { "x-say": said.join() }) };
      const seen = await mesh.call("client", `http://${authority}${path}${query}`, {
        method,
        headers: { ...(headers as Record<string, string>), ...asked },
      });
      return outcomeSeen(seen, expected, await copyOf(id, expected));
    },
    kind: ({ status, location, body, headers, reached }) => {
      const isCors = headers["access-control-allow-origin"] !== undefined;
      const own = location !== undefined ? "redirected" : body !== undefined ? "said" : `${status}`;
      const several = reached && Object.keys(reached).length > 1;
      return [reached ? "reached" : own, several && "one of two", isCors && "with CORS"]
        .filter(Boolean)
        .join(" ");
    },
  }));

async function copyOf(id: string, { reached = {} }: Outcome): Promise<Answer["seen"]> {
  const { seen } = mesh.application("copies-v1");
  const isExpected = Object.values(reached).some(({ copy }) => copy !== undefined);
  const find = () => seen.find(({ headers }) => headers["x-call"] === id);
  for (let waits = 0; isExpected && waits < 30 && !find(); waits++) await sleep(10);
  return find();
}

function outcomeSeen(answer: Answer, expected: Outcome, copy: Answer["seen"]): Outcome {
  const { status, body, headers, seen, server } = answer;
  const own = changeable(headers as Values);
  const isCors = ([name]: readonly [string, unknown]) => name.startsWith("access-control-");
  const cors = Object.fromEntries(Object.entries(headers as Values).filter(isCors));
  const { location } = headers;
  const common = {
    status,
    ...(expected.body !== undefined && { body }),
    ...(location !== undefined && { location: new URL(location).href }),
  };
  if (!seen) return { ...common, headers: { ...own, ...cors }, ...(copy && { reached: {} }) };
  const { path, authority } = seen;
  const arrival = {
    path,
    authority,
    headers: changeable(seen.headers),
    ...(copy && { copy: copy.path === path ? copy.authority : copy.path }),
    answer: own,
  };
  return { ...common, headers: cors, reached: { ...expected.reached, [server]: arrival } };
}
