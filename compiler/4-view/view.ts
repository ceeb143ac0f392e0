// (Mesh, proxy) → ProxyView: the one place that says which plans a proxy gets. Nothing after this may read the mesh.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { FilterPolicy } from "../kinds/kind.ts";
import { Living } from "../model/living.ts";
import { internLists, keepEqual, memoizeByIdentity, sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import { type Client, clientOf, scopeOf } from "./client.ts";
import { type GatewayTables, planGateway } from "./gateway.ts";
import { planGatewayTable } from "./gateway-hosts.ts";
import { stepGatewayTables } from "./gateway-step.ts";
import { importsOf } from "./imports.ts";
import { planInbound } from "./inbound.ts";
import { keepLists, keepPlans } from "./kept-plans.ts";
import { routerOutbound, sidecarOutbound } from "./outbound.ts";
import { concerns } from "./own-step.ts";
import type {
  ClusterPlan,
  EffectivePolicy,
  LayeredView,
  ListenerPlan,
  ProxyView,
  RouteTablePlan,
} from "./plan/index.ts";
import { byName, withoutRepeatedPorts } from "./plan-lists.ts";
import type { MeshProxy } from "./proxy.ts";
import { type Advance, stepwise } from "./stepwise.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** Everything emission needs for one proxy. `policies` are the kinds that turn into filters. */
export function buildView(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): ProxyView {
  const { shared, own } = buildLayers(mesh, proxy, policies);
  return {
    clusters: join(shared.clusters, own.clusters),
    endpoints: shared.endpoints,
    listeners: join(shared.listeners, own.listeners),
    routeTables: join(shared.routeTables, own.routeTables),
    secrets: join(shared.secrets, own.secrets),
  };
}

/** The same in layers, for whoever keeps what proxies share. */
export function buildLayers(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): LayeredView {
  const { client, own, gateway } = ownPart(policies)(mesh, proxy);
  if (!gateway) return { shared: sidecarOutbound(mesh, client), own };
  return { shared: withTables(routerOutbound(mesh, client), gateway.routeTables), own };
}

/** Gateways that serve the same share it, as sidecars share theirs: it may be thousands of hosts. */
const withTables = memoizeByIdentity(
  (outbound: ProxyView, routeTables: ProxyView["routeTables"]): ProxyView => ({ ...outbound, routeTables }),
);

/** What is one proxy's own, and whom it is equal to as a client. */
interface OwnPart {
  readonly client: Client;
  readonly own: ProxyView;
  /** Of a router. */
  readonly gateway?: GatewayPart;
}

interface GatewayPart {
  readonly servers: GatewayTables;
  readonly routeTables: ProxyView["routeTables"];
}

const ownPart = memoizeByIdentity((policies: readonly FilterPolicy[]) =>
  stepwise((mesh: Mesh, proxy: MeshProxy) => planOwn(mesh, proxy, policies), stepOwn),
);

function planOwn(mesh: Mesh, proxy: MeshProxy, policies: readonly FilterPolicy[]): OwnPart {
  const client = clientOf(mesh, proxy);
  const effective = effectivePolicies(mesh, proxy, policies);
  return proxy.type === "router"
    ? routerOwn(mesh, proxy, client, effective)
    : { client, own: sidecarOwn(mesh, proxy, client, effective) };
}

function stepOwn(advance: Advance<OwnPart>, proxy: MeshProxy): OwnPart | undefined {
  const { before, after, step, planned } = advance;
  if (concerns(step, before, after, proxy)) return undefined;
  const { client, gateway } = planned;
  if (!gateway) return planned;
  const { servers, routeTables } = gateway;
  const stepped = stepGatewayTables(advance, client, servers, routeTables);
  if (!stepped || stepped === routeTables) return stepped && planned;
  const kept = keepTables(after.config, client, tablesName(servers), stepped, routeTables);
  return { ...planned, gateway: { servers, routeTables: kept } };
}

function join<T extends { readonly name: string }>(shared: readonly T[], own: readonly T[]): readonly T[] {
  const hidden = new Set(own.map(({ name }) => name));
  return byName([...own, ...shared.filter(({ name }) => !hidden.has(name))]);
}

function effectivePolicies(
  mesh: Mesh,
  proxy: MeshProxy,
  policies: readonly FilterPolicy[],
): readonly EffectivePolicy[] {
  const target = {
    namespace: proxy.namespace,
    labels: proxy.labels,
    rootNamespace: mesh.config.rootNamespace,
    trustDomain: mesh.config.trustDomain,
    trustDomainAliases: mesh.config.trustDomainAliases,
  };
  const found = policies.flatMap((kind) => {
    const effective = kind.resolve(mesh.filterPolicies.get(kind.policy) ?? [], target);
    return effective ? [keepPolicy(mesh.config, `${kind.policy} ${proxy.namespace}`, effective)] : [];
  });
  return internPolicies(found);
}

// Workloads of a namespace are mostly under the same policies, and what these come to is the same chains.
const keepPolicy = keepEqual<MeshConfig, EffectivePolicy>(sameTree, { variants: 8, keys: 10_000 });
const internPolicies = internLists<EffectivePolicy>();

function sidecarOwn(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): ProxyView {
  const inbound = planInbound(mesh, proxy, scopeOf(mesh, proxy), policies);
  const keep = <P extends ClusterPlan | ListenerPlan>(plan: P): P =>
    keepPlan(client, `${proxy.id} ${plan.name}`, plan);
  const own: ProxyView = {
    clusters: byName(inbound.clusters.map(keep)),
    endpoints: [],
    listeners: byName(withoutRepeatedPorts(inbound.listeners).map(keep)),
    routeTables: [],
    secrets: [],
  };
  const served = new Set(own.clusters.flatMap(({ origins }) => origins));
  return keepOwn(
    mesh.config,
    proxy,
    [...served].map(({ namespace, name }) => `${namespace}/${name}`).join(),
    own,
  );
}

// What comes out the same stays the same object, so that nobody writes, checks and encodes it again: for replicas of one service all
// of it, and otherwise one by one.
const keepOwn = keepPlans<ProxyView>(sameTree);
const ownPlans = new WeakMap<Client, Living<ClusterPlan | ListenerPlan>>();

function keepPlan<P extends ClusterPlan | ListenerPlan>(client: Client, name: string, made: P): P {
  const living = ownPlans.getOrInsertComputed(client, () => new Living());
  const [before] = living.named(name);
  if (before && sameTree(before, made)) return before as P;
  living.put(name, made);
  return made;
}

function routerOwn(
  mesh: Mesh,
  proxy: MeshProxy,
  client: Client,
  policies: readonly EffectivePolicy[],
): OwnPart {
  const context: TableContext = {
    mesh,
    client,
    imports: importsOf(mesh, client),
    outbound: mesh.config.outboundPolicy,
  };
  const { listeners, tables, secrets } = planGateway(context, proxy, policies);
  const planned = [...tables].map(([name, servers]) => planGatewayTable(context, name, servers));
  return {
    client,
    own: { clusters: [], endpoints: [], listeners, routeTables: [], secrets: byName(secrets) },
    gateway: {
      servers: tables,
      routeTables: keepTables(mesh.config, client, tablesName(tables), byName(planned)),
    },
  };
}

const keepTables = keepLists(({ name }: RouteTablePlan) => name);

/** Gateways that are equal as clients may serve different ports. */
function tablesName(tables: GatewayTables): string {
  return `gateway ${[...tables.keys()].join()}`;
}
