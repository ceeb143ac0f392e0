// The mesh of these tests: workloads in namespaces, sidecars in front of some, and a control plane outside.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Control } from "../end-to-end/control.ts";
import { issueTestCertificate } from "../envoy/index.ts";
import { entry, hostNames, type Name, places, services } from "./cast.ts";
import { Network } from "./namespaces.ts";
import { startRelay } from "./relay.ts";
import { Workload } from "./workload.ts";

export interface TransparentMesh {
  readonly control: Control;
  the(name: Name): Workload;
  stop(): Promise<void>;
}

const withSidecar = ["client", "reviews-v1", "reviews-v2"] as const;

/** `net`: the control plane is at 127.0.<net>.254, and no other test is. */
export async function startTransparentMesh(net: number): Promise<TransparentMesh> {
  const network = new Network(hostNames);
  const workloads = new Map<Name, Workload>();
  const folder = mkdtempSync(join(tmpdir(), "fairlead-transparent-"));
  chmodSync(folder, 0o755);
  network.open(Object.entries(places).map(([name, address]) => ({ name, address })));
  const host = `127.0.${net}.254`;
  const xds = { host, port: 21012 };
  const control = await Control.start({
    xds,
    http: { host, port: 21014 },
    meshConfig: "{}",
    files: {
      "services.yaml": services,
      "workloads.yaml": [
        entry("client", "app: client", "client"),
        entry("reviews-v1", "app: reviews, version: v1", "reviews"),
        entry("reviews-v2", "app: reviews, version: v2", "reviews"),
        entry("legacy", "app: legacy", ""),
      ].join("---"),
    },
  });
  const relay = await startRelay(join(folder, "xds"), xds);
  const the = (name: Name): Workload => {
    const found = workloads.get(name);
    if (!found) throw new Error(`${name} does not run`);
    return found;
  };
  const stop = async () => {
    await Promise.all([...workloads.values()].map((workload) => workload.stop()));
    await relay.stop();
    await control.stop();
    network.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const startSidecar = async (name: (typeof withSidecar)[number]) => {
    const serviceAccount = name === "client" ? "client" : "reviews";
    const security = await control.credentials({ namespace: "shop", serviceAccount });
    await the(name).startSidecar(
      {
        type: "sidecar",
        name,
        namespace: "shop",
        ip: places[name],
        serviceAccount,
        labels: {},
        domainSuffix: "cluster.local",
        security,
      },
      join(folder, "xds"),
    );
  };
  try {
    for (const name of Object.keys(places) as Name[]) {
      const workload = new Workload(network.nameOf(name));
      workloads.set(name, workload);
      workload.start();
    }
    const serving = (["reviews-v1", "reviews-v2"] as const).flatMap((name) => [
      ...[8080, 8081, 8082, 8083].map((port) => the(name).serve({ name, port })),
      ...[7070, 7071, 7072, 7073].map((port) => the(name).serve({ name, port, protocol: "tcp" })),
    ]);
    const tls = await issueTestCertificate("tls.vendor.example", "api.vendor.example");
    await Promise.all([
      ...serving,
      the("legacy").serve({ name: "legacy", port: 8080 }),
      the("legacy").serve({ name: "legacy-tls", port: 443, tls }),
      the("outside").serve({ name: "outside", port: 80 }),
      the("outside").serve({ name: "outside", port: 9080 }),
      the("outside").serve({ name: "outside-tls", port: 443, tls }),
      the("outside").serve({ name: "outside", port: 7000, protocol: "tcp" }),
      ...withSidecar.map(startSidecar),
    ]);
    for (const name of withSidecar) control.watch(the(name));
    await control.settled();
    return { control, the, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
