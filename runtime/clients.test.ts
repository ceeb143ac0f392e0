// What a client is given, and what becomes of one to whom no certificate can be issued.

import test from "ava";
import { compileMesh } from "#compiler";
import { createTurns, type StreamRefusal, type XdsClient } from "#xds-server";
import type { Authority } from "./authority.ts";
import { createClients } from "./clients.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";

const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web" };
const id = "sidecar~127.0.0.1~web.shop~shop.svc.cluster.local";
const client: XdsClient = {
  connectionId: "1",
  nodeId: id,
  node: {
    id,
    cluster: "",
    metadata: { SERVICE_ACCOUNT: "web" },
    locality: { region: "", zone: "", subZone: "" },
    userAgentName: "envoy",
    userAgentVersion: "",
    clientFeatures: [],
  },
  identity,
  secure: true,
  peer: "127.0.0.1:1",
  discoversHosts: true,
};

test("to whom no certificate can be issued is told so, and may come again", async (t) => {
  const lines: string[] = [];
  const authority: Pick<Authority, "secretsFor"> = {
    secretsFor: () => Promise.reject(new Error("the issuing chain ended 5 s ago")),
  };
  const { port } = createClients({
    authority: authority as Authority,
    log: createLogger("json", "debug", (line) => lines.push(line)),
    metrics: createMetrics("test"),
    turns: createTurns(),
    mesh: () => compileMesh({ files: [] }).mesh,
  });
  const given: unknown[] = [];
  const why = await new Promise<StreamRefusal>((end) => {
    const connection = port.connect(client, (snapshot) => given.push(snapshot), end);
    t.true("disconnect" in connection);
  });
  t.is(why.code, "UNAVAILABLE");
  t.regex(why.message, /certificate cannot be issued/);
  t.false(why.message.includes("chain"), "details are for the log");
  t.true(lines.join("").includes("the issuing chain ended 5 s ago"));
  t.deepEqual(given, []);
});
