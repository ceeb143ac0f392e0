// Where a gateway sends a connection that it does not open, as Istio's reference says it, and istiod where that is silent. TLS goes by its
// SNI, if a server and the VirtualService both have that name: to the rule that has the most specific one for it, and of several such rules
// to the first, gateway by gateway and the oldest VirtualService first. TCP goes by the port: to the first rule that has it. In: gateways,
// VirtualServices and a connection. Out: who answers.

import { type BoundService, hostsInCommon } from "./gateway.ts";
import { covers, mostSpecific } from "./hosts.ts";

export interface Gateway {
  readonly name: string;
  readonly servers: readonly Server[];
}

/** TLS is passed through. */
export interface Server {
  readonly port: number;
  readonly protocol: "TLS" | "TCP";
  readonly hosts: readonly string[];
}

export interface PassingService extends Omit<BoundService, "routes"> {
  readonly tls: readonly Rule<TlsMatch>[];
  readonly tcp: readonly Rule<Match>[];
}

/** Of several matches one. */
export interface Rule<M> {
  readonly match?: readonly M[];
  /** Who answers there. */
  readonly to: string;
}

export interface Match {
  readonly port?: number;
  /** Names in the gateways' namespace. */
  readonly gateways?: readonly string[];
}

export interface TlsMatch extends Match {
  readonly sniHosts: readonly string[];
}

export interface Connection {
  readonly port: number;
  /** Empty for a client that says no name. */
  readonly sni: string;
}

/** `services` in order of age. Undefined: the connection is refused. */
export function destinationOf(
  gateways: readonly Gateway[],
  services: readonly PassingService[],
  { port, sni }: Connection,
): string | undefined {
  const offers = gateways.flatMap(({ name, servers }) =>
    servers
      .filter((server) => server.port === port)
      .flatMap(({ protocol, hosts }) =>
        services.map((service) => {
          const concerns = (match: Match) =>
            (match.port === undefined || match.port === port) &&
            (match.gateways === undefined || match.gateways.includes(name));
          return { protocol, service, concerns, common: hostsInCommon({ name, hosts }, service) };
        }),
      ),
  );
  const claims = offers
    .filter(({ protocol, common }) => protocol === "TLS" && common.some((host) => covers(host, sni)))
    .flatMap(({ service, concerns }) =>
      service.tls.flatMap(({ match = [], to }) =>
        match
          .filter(concerns)
          .flatMap(({ sniHosts }) => sniHosts)
          .map((name) => ({ name, to })),
      ),
    );
  const best = mostSpecific(
    claims.map(({ name }) => name),
    sni,
  );
  const passed = claims.find(({ name }) => name === best);
  const plain = offers
    .filter(({ protocol, common }) => protocol === "TCP" && common.length > 0)
    .flatMap(({ service, concerns }) => service.tcp.filter(({ match }) => match?.some(concerns) ?? true));
  return (passed ?? plain[0])?.to;
}
