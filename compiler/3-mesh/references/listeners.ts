// What no listener could serve together: gateway servers on one port, TCP services without addresses on one port.

import type { Diagnostic } from "../../diagnostics/index.ts";
import type { GatewayConfig, GatewayServer } from "../../model/gateway.ts";
import { type Labels, selects } from "../../model/labels.ts";
import type { MeshService, ServicePort } from "../../model/service.ts";
import type { Mesh } from "../mesh.ts";
import { oldestFirst } from "../order.ts";
import { opensTls, transportOf } from "../server-transport.ts";
import { at, other } from "./report.ts";

type Reads = Pick<Mesh, "services" | "workloads" | "gateways">;

export function checkListeners(mesh: Reads): readonly Diagnostic[] {
  return [...gatewayPorts(mesh), ...gatewayNames(mesh), ...sharedTcpPorts(mesh)];
}

function gatewayPorts(mesh: Reads): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const first: { readonly gateway: GatewayConfig; readonly server: GatewayServer }[] = [];
  for (const gateway of mesh.gateways) {
    for (const server of gateway.servers) {
      const rival = first.find(
        (each) =>
          each.server.port.number === server.port.number &&
          each.server.bind === server.bind &&
          transportOf(each.server) !== transportOf(server) &&
          sharesProxy(mesh, each.gateway.selector, gateway.selector),
      );
      if (rival) {
        found.push(
          at(
            "conflicting-listener-port",
            server.origin,
            `port ${server.port.number} is already a ${transportOf(rival.server).toUpperCase()} port of the same proxies; this server is not served`,
            other("the server that has the port is here", rival.server.origin),
          ),
        );
      } else {
        first.push({ gateway, server });
      }
    }
  }
  return found;
}

/** Of TLS that is opened here, a name belongs to one server: the request that says which host it is for comes too late. */
function gatewayNames(mesh: Reads): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const first = new Map<string, { readonly gateway: GatewayConfig; readonly server: GatewayServer }[]>();
  for (const gateway of mesh.gateways) {
    for (const server of gateway.servers.filter(opensTls)) {
      for (const host of new Set(server.hosts.map((each) => each.host.toLowerCase()))) {
        const rivals = first.getOrInsert(`${server.bind ?? ""}|${server.port.number}|${host}`, []);
        const rival = rivals.find(
          (each) => each.server !== server && sharesProxy(mesh, each.gateway.selector, gateway.selector),
        );
        if (rival) found.push(nameTaken(host, server, rival));
        else rivals.push({ gateway, server });
      }
    }
  }
  return found;
}

function nameTaken(
  host: string,
  { port, origin }: GatewayServer,
  { gateway, server }: { readonly gateway: GatewayConfig; readonly server: GatewayServer },
): Diagnostic {
  const owner = `${gateway.namespace}/${gateway.name}`;
  const message = `TLS for ${host} on port ${port.number} of the same proxies is opened by ${owner} already; none of it comes here`;
  return at("conflicting-gateway-hosts", origin, message, {
    ...other("the server that has the host is here", server.origin),
    help: "one server per host and port; any number of VirtualServices can be bound to it",
  });
}

/** Whether one proxy may be both gateways. Without workloads to look at, equal selectors decide. */
function sharesProxy(mesh: Reads, a: Labels, b: Labels): boolean {
  if (JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())) return true;
  return mesh.workloads.some(({ labels }) => selects(a, labels) && selects(b, labels));
}

/** Without an address of its own a TCP service takes every connection to its port: only the oldest can. */
function sharedTcpPorts(mesh: Reads): readonly Diagnostic[] {
  const first = new Map<string, MeshService>();
  const found: Diagnostic[] = [];
  const rivals = mesh.services.filter(
    ({ addresses, headless, ports }) => addresses.length === 0 && !headless && ports.some(isTcp),
  );
  for (const service of oldestFirst(rivals)) {
    for (const port of service.ports.filter(isTcp)) {
      const key = `${service.visibility.type === "public" ? "*" : service.namespace}|${port.number}`;
      const winner = first.get(key);
      if (!winner) {
        first.set(key, service);
        continue;
      }
      if (winner.namespace === service.namespace && winner.name === service.name) continue;
      found.push(
        at(
          "conflicting-listener-port",
          service.origin,
          `${service.hostname} and ${winner.hostname} are both TCP on port ${port.number} without an address to tell them apart; connections go to ${winner.hostname}`,
          {
            ...other("the service that has the port is here", winner.origin),
            severity: "warning",
            help: "give it addresses",
          },
        ),
      );
    }
  }
  return found;
}

function isTcp({ protocol }: ServicePort): boolean {
  return protocol === "tcp" || protocol === "mongo" || protocol === "redis";
}
