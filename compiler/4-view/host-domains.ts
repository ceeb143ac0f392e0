// The domains of virtual hosts: by which names a service may be called, and that no two hosts of a table share one.

import { isIP } from "../model/address.ts";
import type { MeshService } from "../model/service.ts";
import type { VirtualHostPlan } from "./plan/index.ts";

/** Every name a client may call a service by, most specific first. `near`: from the namespace of the service. */
export function namesOf(
  service: MeshService,
  port: number,
  near: boolean,
  bare: boolean,
  withPort: boolean,
): readonly string[] {
  const names = [service.hostname];
  // As it is written where no search domains are to be tried.
  if (!isIP(service.hostname)) names.push(`${service.hostname}.`);
  if (service.registry === "kubernetes") {
    const { name, namespace } = service;
    if (near) names.push(name);
    names.push(`${name}.${namespace}`, `${name}.${namespace}.svc`);
    if (service.headless) names.push(...names.map((each) => `*.${each}`));
  }
  for (const address of service.addresses) if (!address.includes("/")) names.push(bracketed(address));
  const unique = [...new Set(names)];
  const ported = withPort ? unique.map((each) => `${each}:${port}`) : [];
  return bare ? [...unique, ...ported] : ported;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Envoy refuses a table in which two hosts share a domain: the first keeps it. */
export function withoutRepeatedDomains(hosts: readonly VirtualHostPlan[]): readonly VirtualHostPlan[] {
  if (!repeatDomains(hosts)) return hosts;
  const taken = new Set<string>();
  const names = new Set<string>();
  return hosts.flatMap((host) => {
    const domains = host.domains.filter((domain) => !taken.has(domain.toLowerCase()));
    for (const domain of domains) taken.add(domain.toLowerCase());
    if (domains.length === 0 || names.has(host.name)) return [];
    names.add(host.name);
    return [domains.length === host.domains.length ? host : { ...host, domains }];
  });
}

function repeatDomains(hosts: readonly VirtualHostPlan[]): boolean {
  const domains = new Set<string>();
  const names = new Set<string>();
  let count = 0;
  for (const host of hosts) {
    names.add(host.name);
    for (const domain of host.domains) domains.add(domain.toLowerCase());
    count += host.domains.length;
  }
  return domains.size < count || names.size < hosts.length;
}
