// Certificates that gateway servers and destinations name, and that are nowhere.

import { mapItems } from "#immutable";
import type { Diagnostic } from "../../diagnostics/index.ts";
import type { ClientTls, DestinationPolicy } from "../../model/destination.ts";
import { selects } from "../../model/labels.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Mesh } from "../mesh.ts";
import { at } from "./report.ts";

/** The credential must be where the gateway's pods are; where none is known, anywhere will do. */
export function checkGatewayCredentials(
  mesh: Pick<Mesh, "workloads" | "gateways" | "credentials">,
): readonly Diagnostic[] {
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

export function checkClientCredentials({
  destinations,
  credentials,
  gateways,
}: Pick<Mesh, "destinations" | "credentials" | "gateways">): readonly Diagnostic[] {
  return checkPolicies(credentials, gateways.length > 0)(destinations).flat();
}

const checkPolicies = memoizeByIdentity((credentials: Mesh["credentials"], hasGateways: boolean) => {
  const names = new Set([...credentials.values()].map(({ name }) => name));
  return mapItems((policy: DestinationPolicy) =>
    hasGateways || policy.clientSelector ? checkPolicy(policy, names) : checkUnsent(policy),
  );
});

/** Which namespaces have clients of it is not known here, so that a credential anywhere will do. */
function checkPolicy(policy: DestinationPolicy, names: ReadonlySet<string>): readonly Diagnostic[] {
  return clientTlsOf(policy).flatMap(({ credentialName, origin }) => {
    if (credentialName === undefined) return [];
    if (names.has(credentialName) || names.has(`${credentialName}-cacert`)) return [];
    return [
      at("credential-not-found", origin, `no credential is called ${credentialName}`, {
        help: "requests get 503 until it exists in the namespace of the client",
      }),
    ];
  });
}

/** For sidecars only, and for all of them: the credential is sent to none. */
function checkUnsent(policy: DestinationPolicy): readonly Diagnostic[] {
  return clientTlsOf(policy).flatMap(({ credentialName, mode, origin }) =>
    credentialName === undefined || (mode !== "simple" && mode !== "mutual")
      ? []
      : at(
          "ineffective-field",
          origin,
          `"credentialName" has no effect at sidecars without "workloadSelector": servers are verified by the system's CAs, and see no certificate`,
          {
            help: 'select the sidecars that are to have the credential with "workloadSelector", or name files',
          },
        ),
  );
}

/** All TLS settings of a policy: its own, those of its subsets, and of the ports of either. */
export function clientTlsOf({ policy, subsets }: DestinationPolicy): readonly ClientTls[] {
  return [policy, ...subsets.map((subset) => subset.policy)].flatMap(({ tls, portPolicies }) => [
    ...(tls ? [tls] : []),
    ...Object.values(portPolicies).flatMap((port) => port.tls ?? []),
  ]);
}
