// DestinationRules and mesh defaults made up at random: how requests of real sidecars arrive, who answers them and what their limits are is
// what the reference says.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { stringify } from "yaml";
import { ports as addresses, meshConfigFile } from "../end-to-end/cast.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { issueTestCertificate, testRoot } from "../envoy/index.ts";
import { compare } from "./compare.ts";
import { type FrankServer, startFrankServer } from "./frank-server.ts";
import { rootNamespace } from "./lookup.ts";
import {
  clients,
  credentialName,
  type Files,
  ports,
  questionOf,
  services,
  subsets,
  wishes,
  worldsWith,
} from "./made-up-traffic.ts";
import { networkingText } from "./objects.ts";
import { asking } from "./traffic-questions.ts";
import type { Rule } from "./traffic-rule.ts";
import { certifiedNames, outcomeOf } from "./traffic-values.ts";

const servers = [4, 5, 6].map((at, index) => ({ name: `reviews-v${index + 1}`, at, serves: [] }));

let mesh: Mesh;
let running: readonly FrankServer[] = [];
let folder: string;
let files: Files;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-traffic-"));
  files = {
    roots: join(folder, "roots.pem"),
    certificate: join(folder, "certificate.pem"),
    privateKey: join(folder, "key.pem"),
  };
  const own = await issueTestCertificate("spiffe://cluster.local/ns/shop/sa/client");
  await writeFile(files.roots, testRoot);
  await writeFile(files.certificate, own.certificate);
  await writeFile(files.privateKey, own.privateKey);
  const route = (subset?: string) => ({
    ...(subset && { match: [{ headers: { "x-subset": { exact: subset } } }] }),
    route: [{ destination: { host: "reviews", ...(subset && { subset }) } }],
    // Elsewhere it might succeed.
    retries: { attempts: 0 },
  });
  mesh = await startMesh({
    net: 54,
    members: [...clients, ...servers],
    files: {
      "services.yaml": services.map(serviceText).join("---\n"),
      "routes.yaml": networkingText(
        "VirtualService",
        { name: "reviews", namespace: "shop" },
        { hosts: ["reviews"], http: [...Object.keys(subsets).map(route), route()] },
      ),
      "credentials.yaml": ["shop", "elsewhere", rootNamespace].map(credentialText).join("---\n"),
      "subsets.yaml": ruleText(
        {
          namespace: rootNamespace,
          host: `reviews.shop.svc.cluster.local`,
          subsets: Object.keys(subsets).map((name) => ({ name })),
        },
        0,
      ),
    },
  });
  const identity = await issueTestCertificate(...certifiedNames);
  running = await Promise.all(
    servers.map(({ name }) =>
      startFrankServer({ name, host: mesh.address(name), port: addresses.service, ...identity }),
    ),
  );
});

test.after.always(async () => {
  await mesh?.stop();
  await Promise.all(running.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

function serviceText(name: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop" },
    spec: {
      selector: { app: "reviews" },
      ports: ports.map(({ name, number }) => ({ name, port: number, targetPort: addresses.service })),
    },
  });
}

function credentialText(namespace: string): string {
  const metadata = { name: credentialName, namespace };
  return stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: { cacert: testRoot } });
}

function ruleText({ namespace, ...spec }: Rule, age: number): string {
  const metadata = { name: `rule-${age}`, namespace, creationTimestamp: `2026-01-01T00:00:0${age}Z` };
  const labelled = spec.subsets.map((subset) => ({
    ...subset,
    labels: subsets[subset.name as keyof typeof subsets],
  }));
  return networkingText("DestinationRule", metadata, { ...spec, subsets: labelled });
}

test("a policy put together from many rules does what the reference says", async (t) =>
  compare(t, {
    policies: worldsWith(files),
    requests: wishes,
    requestsPerPolicy: 8,
    apply: async ({ rules, defaults }) => {
      const config = stringify(defaults).replace("{}", "");
      // The eldest is always there.
      const texts = rules.map(ruleText).slice(1).reverse();
      await mesh.control.save({ "mesh-config.yaml": meshConfigFile(config) });
      await mesh.policy(...texts);
      return [config, ...texts].join("---\n");
    },
    expected: (world, wish) => outcomeOf(world, questionOf(wish)),
    actual: async (wish) => ({
      ask: wish.ask,
      ...(await asking[wish.ask](mesh, wish)),
    }),
    kind: ({ ask, status, http, sni, proxyProtocol, cookie, sameKey, otherKeys, balancer }) =>
      [ask, status, http, sni && "TLS", proxyProtocol, cookie && "cookie", sameKey, otherKeys, balancer]
        .filter((part) => part !== undefined)
        .join(" "),
  }));
