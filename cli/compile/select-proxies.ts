// From the proxy flags to proxies: those of the files, or one that the flags describe.

import { type Mesh, type MeshProxy, proxiesOf } from "#compiler";
import { UsageError } from "../exit.ts";
import type { ProxyFlags } from "../options/proxy.ts";

export interface ProxyChoice extends ProxyFlags {
  readonly proxyType?: MeshProxy["type"];
}

/**
 * Without a name, every proxy that the files imply. With one, the workload of that name as the files describe it, each
 * flag that is given taking the place of what they say; a name they do not have is described by the flags alone.
 * Throws a UsageError when the name could mean several.
 */
export function selectProxies(
  mesh: Mesh,
  choice: ProxyChoice,
  warn: (text: string) => void,
): readonly MeshProxy[] {
  const known = proxiesOf(mesh);
  const { name } = choice;
  if (name === undefined) return known;
  const named = known.filter((proxy) => proxy.name === name);
  const matching = named.filter((proxy) => (choice.namespace ?? proxy.namespace) === proxy.namespace);
  if (matching.length > 1) {
    const namespaces = matching.map(({ namespace }) => namespace).join(", ");
    throw new UsageError(
      `workloads named ${name} are in the namespaces ${namespaces}: choose with --namespace`,
    );
  }
  const [found] = matching;
  if (!found && choice.label === undefined) warn(unknownName(name, choice.namespace, named, known));
  return [override(found ?? stranger(mesh, name, choice), choice)];
}

function unknownName(
  name: string,
  namespace: string | undefined,
  named: readonly MeshProxy[],
  known: readonly MeshProxy[],
): string {
  const elsewhere = named.map((proxy) => proxy.id).join(", ");
  const examples = known.slice(0, 5).map(({ id }) => id);
  const hint = elsewhere || (examples.length > 0 ? `for example ${examples.join(", ")}` : "no proxy at all");
  return (
    `no workload ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`} is in the files (they imply ${hint}); ` +
    "compiling for one without labels, which --label key=value would give it"
  );
}

function stranger(mesh: Mesh, name: string, choice: ProxyChoice): MeshProxy {
  const { namespace = "default", label: labels = {} } = choice;
  return {
    id: `${name}.${namespace}`,
    type: choice.proxyType ?? (isGateway(mesh, labels) ? "router" : "sidecar"),
    name,
    namespace,
    ip: "",
    labels,
    serviceAccount: "default",
    interceptionMode: mesh.config.proxy.interceptionMode,
    hasIdentity: true,
  };
}

function isGateway(mesh: Mesh, labels: Readonly<Record<string, string>>): boolean {
  return mesh.gateways.some(({ selector }) => {
    const wanted = Object.entries(selector);
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
  });
}

function override(proxy: MeshProxy, choice: ProxyChoice): MeshProxy {
  const { proxyType, ip, label, serviceAccount, locality, interceptionMode } = choice;
  return {
    ...proxy,
    ...(proxyType === undefined ? {} : { type: proxyType }),
    ...(ip === undefined ? {} : { ip }),
    ...(label === undefined ? {} : { labels: label }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(locality === undefined ? {} : { locality }),
    ...(interceptionMode === undefined ? {} : { interceptionMode }),
  };
}
