// Certificates that gateway servers and destinations name, and that are nowhere.

import type { Diagnostic } from "../../diagnostics/index.ts";
import type { ClientTls, DestinationPolicy } from "../../model/destination.ts";
import { selects } from "../../model/labels.ts";
import type { Mesh } from "../mesh.ts";
import { at } from "./report.ts";

type Reads = Pick<Mesh, "workloads" | "gateways" | "destinationsByHost" | "credentials">;

export function checkCredentials(mesh: Reads): readonly Diagnostic[] {
  const destinations = [...mesh.destinationsByHost.values()].flat();
  return [...gatewayCredentials(mesh), ...destinations.flatMap((each) => clientCredentials(mesh, each))];
}

/** The credential must be where the gateway's pods are; where none is known, anywhere will do. */
function gatewayCredentials(mesh: Reads): readonly Diagnostic[] {
  return mesh.gateways.flatMap((gateway) => {
    const proxies = mesh.workloads.filter(({ labels }) => selects(gateway.selector, labels));
    const namespaces = new Set(proxies.map(({ namespace }) => namespace));
    return gateway.servers.flatMap((server) =>
      (server.tls?.credentialNames ?? []).flatMap((name) => {
        const present = [...mesh.credentials.values()].some(
          (credential) =>
            credential.name === name && (namespaces.size === 0 || namespaces.has(credential.namespace)),
        );
        if (present) return [];
        const where = namespaces.size === 0 ? "" : ` in namespace ${[...namespaces].sort().join(" or ")}`;
        return [
          at("credential-not-found", server.origin, `no credential is called ${name}${where}`, {
            help: "this server is not served until it exists; the others on its port are",
          }),
        ];
      }),
    );
  });
}

/** Which namespaces have clients of it is not known here, so that a credential anywhere will do. */
function clientCredentials(mesh: Reads, policy: DestinationPolicy): readonly Diagnostic[] {
  const names = new Set([...mesh.credentials.values()].map(({ name }) => name));
  return tlsOf(policy).flatMap(({ credentialName, origin }) => {
    if (credentialName === undefined) return [];
    if (names.has(credentialName) || names.has(`${credentialName}-cacert`)) return [];
    return [
      at("credential-not-found", origin, `no credential is called ${credentialName}`, {
        help: "requests get 503 until it exists in the namespace of the client",
      }),
    ];
  });
}

function tlsOf({ policy, subsets }: DestinationPolicy): readonly ClientTls[] {
  return [policy, ...subsets.map((subset) => subset.policy)].flatMap(({ tls, portPolicies }) => [
    ...(tls ? [tls] : []),
    ...Object.values(portPolicies).flatMap((port) => port.tls ?? []),
  ]);
}
