// Routes that delegate, made up at random with those whom they delegate to: what a real sidecar does with each request is what the
// reference says.

import test from "ava";
import { serviceFile } from "../end-to-end/cast.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { eventually } from "../end-to-end/wait-until.ts";
import { clients, outcomeSeen, urlOf } from "./calls.ts";
import { compare } from "./compare.ts";
import { type Effect, effectOf, routesOf } from "./delegate.ts";
import { type Made, mirrors, policies, requests } from "./made-up-delegates.ts";
import { edgeText, networkingText, subsetsText } from "./objects.ts";

let mesh: Mesh;
let calls = 0;

test.before(async () => {
  mesh = await startMesh({
    net: 45,
    members: [
      ...clients,
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      ...mirrors.map((name, index) => ({ name, at: 5 + index })),
    ],
    files: {
      "services.yaml": ["reviews", ...mirrors].map((name) => serviceFile(name)).join("---"),
      "gateway.yaml": edgeText,
      "subsets.yaml": subsetsText("reviews"),
    },
  });
});

test.after.always(() => mesh?.stop());

test("a sidecar does with each request what the root and whom it delegates to say", (t) =>
  compare(t, {
    policies,
    requests,
    requestsPerPolicy: 25,
    apply: async ({ http, delegates }) => {
      const texts = [
        networkingText(
          "VirtualService",
          { name: "reviews", namespace: "shop" },
          { hosts: ["reviews"], http },
        ),
        ...delegates.map(({ name, namespace, ...spec }) =>
          networkingText("VirtualService", { name, namespace }, spec),
        ),
      ];
      for (const name of mirrors) mesh.application(name).forget();
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: ({ http, delegates }, made): Effect => effectOf(routesOf(http, delegates), made),
    actual: effectSeen,
    kind: ({ reached, status }) => (reached ? `reached ${status}` : `${status}`),
  }));

async function effectSeen({ from, call, origin, replies }: Made, expected: Effect): Promise<Effect> {
  const id = `${++calls}`;
  const own = { origin, "x-reply": replies.join(), "x-call": id };
  const answer = await mesh.call(from, urlOf(call), {
    method: call.method,
    headers: { ...call.headers, ...own },
  });
  const outcome = outcomeSeen(answer, expected);
  if (!answer.seen) return outcome;
  const timeoutMs = answer.seen.headers["x-envoy-expected-rq-timeout-ms"];
  return {
    ...outcome,
    // What is left of it after several attempts.
    timeout: timeoutMs === undefined ? undefined : `${Math.ceil(Number(timeoutMs) / 1000)}s`,
    allowedOrigin: answer.headers["access-control-allow-origin"]?.toString(),
    mirrored: await mirrorOf(id, expected.mirrored),
  };
}

/** A copy may come a little later. */
function mirrorOf(id: string, expected: string | undefined): Promise<string | undefined> {
  const find = async () =>
    mirrors.find((name) => mesh.application(name).seen.some(({ headers }) => headers["x-call"] === id));
  return eventually(find, (found) => found === expected);
}
