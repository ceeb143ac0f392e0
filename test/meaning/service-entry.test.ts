// ServiceEntries, Services and WorkloadEntries of three namespaces, made up at random: which sockets two clients reach by a name, an
// address, a port or a route is what the reference says.

import test from "ava";
import { stringify } from "yaml";
import { type Application, startApplication } from "../end-to-end/application.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import {
  addresses,
  always,
  hosts,
  lost,
  numbers,
  requests,
  subsets,
  worlds,
} from "./made-up-service-entries.ts";
import { networkingText } from "./objects.ts";
import { type Destination, type Entry, outcomeOf, type World } from "./service-entry.ts";

const clients = [
  { name: "client", at: 1, envoy: "sidecar", namespace: "shop", serves: [] },
  { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
] as const;

let mesh: Mesh;
let applications: readonly Application[] = [];

test.before(async () => {
  // Each is called what it is reached by.
  applications = await Promise.all(
    [...addresses, "127.0.0.1"].flatMap((host) =>
      numbers.map((port) => startApplication({ name: `${host}:${port}`, host, port })),
    ),
  );
  mesh = await startMesh({
    net: 50,
    members: clients,
    files: {
      "subsets.yaml": hosts.map(ruleText).join("---\n"),
      "lost.yaml": [entryText(always, 59), ...routesText(lost)].join("---\n"),
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await Promise.all(applications.map((application) => application.stop()));
});

test("a client reaches the sockets that the reference says", (t) =>
  compare(t, {
    policies: worlds,
    requests,
    requestsPerPolicy: 10,
    apply: async (world) => {
      const texts = textsOf(world);
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: outcomeOf,
    actual: async ({ client, host, port }, { sockets, by }) => {
      const caller = clients.find(({ namespace }) => namespace === client)?.name ?? "";
      const seen = new Set<string>();
      const statuses = new Set<number>();
      // Who was passed over by chance gets more chances.
      for (
        let calls = 0;
        calls < 2 + 3 * sockets.length || (seen.size < sockets.length && calls < 40);
        calls++
      ) {
        const { status, server } = await mesh.call(caller, `http://${host}${port ? `:${port}` : ""}/`);
        statuses.add(status);
        if (server !== "") seen.add(server);
      }
      return { status: Math.max(...statuses), sockets: [...seen].sort(), by };
    },
    kind: ({ status, sockets, by }) => `${status} ${by}, ${sockets.length > 1 ? "several" : sockets.length}`,
  }));

/** The younger first, so that it is not their order that counts. */
function textsOf({ entries, workloads, routes }: World): readonly string[] {
  const changing = entries.filter((each) => each.hosts[0] !== always.hosts[0]);
  const made = Object.entries(routes).filter(([host]) => !(host in lost));
  return [
    ...changing
      .flatMap((each, age) => (each.isService ? serviceTexts(each) : [entryText(each, age)]))
      .reverse(),
    ...workloads.map(({ namespace, ...spec }, index) =>
      networkingText("WorkloadEntry", { name: `workload-${index}`, namespace }, spec),
    ),
    ...routesText(Object.fromEntries(made)),
  ];
}

function entryText({ namespace, ...spec }: Entry, age: number): string {
  const metadata = {
    name: `entry-${age}`,
    namespace,
    creationTimestamp: `2026-01-01T00:00:${String(age).padStart(2, "0")}Z`,
  };
  return networkingText("ServiceEntry", metadata, spec);
}

function serviceTexts({ namespace, exportTo, ports, endpoints, workloadSelector }: Entry): readonly string[] {
  const metadata = { name: "db", namespace };
  const annotations = exportTo && { "networking.istio.io/exportTo": exportTo.join() };
  const spec = {
    selector: workloadSelector?.labels,
    ports: ports.map(({ number, name, targetPort }) => ({ port: number, name, targetPort })),
  };
  const listed = {
    addresses: endpoints?.map(({ address }) => ({ ip: address })),
    ports: ports.map(({ name, targetPort }) => ({ name, port: targetPort })),
  };
  return [
    stringify({ apiVersion: "v1", kind: "Service", metadata: { ...metadata, annotations }, spec }),
    ...(endpoints ? [stringify({ apiVersion: "v1", kind: "Endpoints", metadata, subsets: [listed] })] : []),
  ];
}

function routesText(routes: Readonly<Record<string, Destination>>): readonly string[] {
  return Object.entries(routes).map(([host, destination]) =>
    networkingText(
      "VirtualService",
      { name: host, namespace: "istio-system" },
      { hosts: [host], http: [{ route: [{ destination }] }] },
    ),
  );
}

function ruleText(host: string): string {
  return networkingText(
    "DestinationRule",
    { name: host.replace("*", "any"), namespace: "istio-system" },
    { host, subsets: Object.entries(subsets).map(([name, labels]) => ({ name, labels })) },
  );
}
