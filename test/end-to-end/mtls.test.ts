// Mutual TLS between sidecars: who is let in under each mode at each level, and whom the server sees.

import test from "ava";
import { ports, serviceFile } from "./cast.ts";
import { type Answer, type Mesh, startMesh } from "./mesh.ts";
import { tlsRequest } from "./tls-client.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 23,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3, envoy: "sidecar" },
      { name: "ratings-v1", at: 4, envoy: "sidecar" },
      { name: "legacy", at: 5 },
    ],
    files: { "services.yaml": ["reviews", "ratings", "legacy"].map((app) => serviceFile(app)).join("---") },
  });
});

test.after.always(() => mesh?.stop());

const peers = (text: string) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
${text}
`;

const destination = (host: string, tls: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${host}, namespace: shop }
spec: { host: ${host}, trafficPolicy: { tls: ${tls} } }
`;

const viaSidecar = (app: string) => mesh.call("client", `http://${app}:9080/`);
/** Plain text, past the client's sidecar. 0: the connection was cut. */
const inPlainText = (member: string): Promise<Pick<Answer, "status" | "seen">> =>
  mesh.knock(member, { port: ports.service }).catch(() => ({ status: 0, seen: undefined }));

const clientUri = "URI=spiffe://cluster.local/ns/shop/sa/client";

const letIn = ({ status }: { readonly status: number }) => status === 200;
const keptOut = ({ status }: { readonly status: number }) => status === 0;

test.serial("by default the mesh speaks mutual TLS, and plain text is let in as well", async (t) => {
  await mesh.policy("");
  const inside = await viaSidecar("reviews");
  t.is(inside.server, "reviews-v1");
  const seen = inside.seen?.headers["x-forwarded-client-cert"] ?? "";
  t.true(seen.includes(clientUri), seen);
  t.true(seen.includes("By=spiffe://cluster.local/ns/shop/sa/reviews"), seen);
  const outside = await inPlainText("reviews-v1");
  t.is(outside.status, 200);
  t.is(outside.seen?.headers["x-forwarded-client-cert"], undefined);
});

test.serial(
  "who calls is of the mesh's trust domain or an alias of it, whoever else has a certificate of its root",
  async (t) => {
    const identity = { namespace: "shop", serviceAccount: "client" };
    const statusOf = async (trustDomain: string) => {
      const client = await mesh.control.certificate({ ...identity, trustDomain });
      const request = {
        host: mesh.address("reviews-v1"),
        port: ports.service,
        serverName: "reviews",
        client,
      };
      return tlsRequest(request).then(
        ({ status }) => ({ status }),
        () => ({ status: 0 }),
      );
    };
    await mesh.policy(
      peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }"),
    );
    t.is((await eventually(() => statusOf("cluster.local"), letIn)).status, 200);
    t.is((await statusOf("elsewhere.example")).status, 0);
    await mesh.configure("trustDomainAliases: [elsewhere.example]");
    t.is((await eventually(() => statusOf("elsewhere.example"), letIn)).status, 200);
    await mesh.configure("");
    t.is((await eventually(() => statusOf("elsewhere.example"), keptOut)).status, 0);
  },
);

test.serial("a workload without a sidecar is called in plain text", async (t) => {
  await mesh.policy("");
  const answer = await viaSidecar("legacy");
  t.is(answer.server, "legacy");
  t.is(answer.seen?.headers["x-forwarded-client-cert"], undefined);
});

test.serial("a client cannot say who it is in a header", async (t) => {
  await mesh.policy("");
  const headers = { "x-forwarded-client-cert": "By=x;URI=spiffe://cluster.local/ns/shop/sa/admin" };
  const forged = await mesh.knock("reviews-v1", { port: ports.service, headers });
  t.is(forged.seen?.headers["x-forwarded-client-cert"], undefined);
  const inside = await mesh.call("client", "http://reviews:9080/", { headers });
  t.false(inside.seen?.headers["x-forwarded-client-cert"]?.includes("sa/admin"));
});

test.serial("STRICT for the mesh: plain text is cut, at every workload", async (t) => {
  await mesh.policy(
    peers("metadata: { name: default, namespace: istio-system }\nspec: { mtls: { mode: STRICT } }"),
  );
  t.is((await eventually(() => inPlainText("reviews-v1"), keptOut)).status, 0);
  t.is((await inPlainText("ratings-v1")).status, 0);
  t.is((await viaSidecar("reviews")).server, "reviews-v1");
});

test.serial("a namespace overrides the mesh, a workload its namespace", async (t) => {
  await mesh.policy(
    peers("metadata: { name: default, namespace: istio-system }\nspec: { mtls: { mode: STRICT } }"),
    peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: PERMISSIVE } }"),
    peers(
      "metadata: { name: ratings, namespace: shop }\nspec: { selector: { matchLabels: { app: ratings } }, mtls: { mode: STRICT } }",
    ),
  );
  t.is((await eventually(() => inPlainText("reviews-v1"), letIn)).status, 200);
  t.is((await inPlainText("ratings-v1")).status, 0);
  t.is((await viaSidecar("ratings")).server, "ratings-v1");
});

test.serial("a port overrides its workload", async (t) => {
  await mesh.policy(
    peers(
      `metadata: { name: ratings, namespace: shop }
spec:
  selector: { matchLabels: { app: ratings } }
  mtls: { mode: STRICT }
  portLevelMtls: { ${ports.service}: { mode: PERMISSIVE } }`,
    ),
    peers(
      `metadata: { name: reviews, namespace: shop }
spec:
  selector: { matchLabels: { app: reviews } }
  mtls: { mode: PERMISSIVE }
  portLevelMtls: { ${ports.service}: { mode: STRICT } }`,
    ),
  );
  t.is((await eventually(() => inPlainText("reviews-v1"), keptOut)).status, 0);
  t.is((await eventually(() => inPlainText("ratings-v1"), letIn)).status, 200);
});

test.serial("DISABLE: clients of the mesh call in plain text by themselves", async (t) => {
  await mesh.policy(
    peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }"),
    peers(
      "metadata: { name: ratings, namespace: shop }\nspec: { selector: { matchLabels: { app: ratings } }, mtls: { mode: DISABLE } }",
    ),
  );
  const answer = await eventually(
    () => viaSidecar("ratings"),
    ({ seen }) => seen?.headers["x-forwarded-client-cert"] === undefined && seen !== undefined,
  );
  t.is(answer.server, "ratings-v1");
  t.is(answer.seen?.headers["x-forwarded-client-cert"], undefined);
  t.is((await inPlainText("ratings-v1")).status, 200);
  t.true((await viaSidecar("reviews")).seen?.headers["x-forwarded-client-cert"]?.includes(clientUri));
});

test.serial("DISABLE for a namespace", async (t) => {
  await mesh.policy(peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: DISABLE } }"));
  const answer = await eventually(
    () => viaSidecar("reviews"),
    ({ seen }) => seen?.headers["x-forwarded-client-cert"] === undefined && seen !== undefined,
  );
  t.is(answer.server, "reviews-v1");
  t.is(answer.seen?.headers["x-forwarded-client-cert"], undefined);
});

test.serial("a destination rule decides for the client: DISABLE against STRICT fails", async (t) => {
  await mesh.policy(
    peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }"),
    destination("reviews", "{ mode: DISABLE }"),
  );
  t.is(
    (
      await eventually(
        () => viaSidecar("reviews"),
        ({ status }) => status === 503,
      )
    ).status,
    503,
  );
  t.is((await eventually(() => viaSidecar("ratings"), letIn)).status, 200);
});

test.serial("a destination rule with ISTIO_MUTUAL", async (t) => {
  await mesh.policy(
    peers("metadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }"),
    destination("reviews", "{ mode: ISTIO_MUTUAL }"),
    destination("legacy", "{ mode: ISTIO_MUTUAL }"),
  );
  const answer = await eventually(() => viaSidecar("reviews"), letIn);
  t.true(answer.seen?.headers["x-forwarded-client-cert"]?.includes(clientUri));
  t.is((await viaSidecar("legacy")).status, 503, "nobody there speaks TLS");
});

test.serial("a server that is not whom the service names is refused", async (t) => {
  await mesh.policy(
    destination(
      "reviews",
      '{ mode: ISTIO_MUTUAL, subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/other"] }',
    ),
  );
  t.is(
    (
      await eventually(
        () => viaSidecar("reviews"),
        ({ status }) => status === 503,
      )
    ).status,
    503,
  );
});
