// How TCP traffic of a machine or pod gets to its sidecar without anybody noticing: rules for iptables, as the input of
// `iptables-restore --noflush`. Pure text; who applies it needs root in that network namespace.

export interface CaptureOptions {
  /** The user that Envoy runs as. What it sends is let through, or it would be sent back to it for ever. */
  readonly proxyUid: number;
  /** Where MeshConfig's `proxyListenPort` and `proxyInboundListenPort` are: 15001 and 15006. */
  readonly outboundPort: number;
  readonly inboundPort: number;
  /** Ports of this machine that callers reach directly, such as one for logging in. */
  readonly directInboundPorts?: readonly number[];
  /** Destination ports that applications reach directly. */
  readonly directOutboundPorts?: readonly number[];
}

/** The address that Envoy calls its own application from, so that the call is not caught once more. */
const envoySource = "127.0.0.6/32";

/** The `nat` table's rules, for IPv4. They use chains of their own, which `releaseRules` removes again. */
export function captureRules(options: CaptureOptions): string {
  const { proxyUid, outboundPort, inboundPort, directInboundPorts = [], directOutboundPorts = [] } = options;
  const byEnvoy = `-m owner --uid-owner ${proxyUid}`;
  return table([
    ...Object.values(chains).map((chain) => `:${chain} - [0:0]`),
    `-A ${chains.toInbound} -p tcp -j REDIRECT --to-ports ${inboundPort}`,
    `-A ${chains.toOutbound} -p tcp -j REDIRECT --to-ports ${outboundPort}`,
    ...directInboundPorts.map((port) => `-A ${chains.inbound} -p tcp --dport ${port} -j RETURN`),
    `-A ${chains.inbound} -p tcp -j ${chains.toInbound}`,
    `-A ${chains.outbound} -o lo -s ${envoySource} -j RETURN`,
    // Envoy calls a service that this very workload is an endpoint of: as any caller, through the inbound side.
    `-A ${chains.outbound} -o lo ! -d 127.0.0.1/32 -p tcp ${byEnvoy} -j ${chains.toInbound}`,
    // An application that calls itself.
    `-A ${chains.outbound} -o lo -m owner ! --uid-owner ${proxyUid} -j RETURN`,
    `-A ${chains.outbound} ${byEnvoy} -j RETURN`,
    `-A ${chains.outbound} -d 127.0.0.1/32 -j RETURN`,
    ...directOutboundPorts.map((port) => `-A ${chains.outbound} -p tcp --dport ${port} -j RETURN`),
    `-A ${chains.outbound} -p tcp -j ${chains.toOutbound}`,
    `-A PREROUTING -p tcp -j ${chains.inbound}`,
    `-A OUTPUT -p tcp -j ${chains.outbound}`,
  ]);
}

/** Undoes `captureRules`; fails when they are not in force. */
export function releaseRules(): string {
  return table([
    `-D PREROUTING -p tcp -j ${chains.inbound}`,
    `-D OUTPUT -p tcp -j ${chains.outbound}`,
    ...Object.values(chains).map((chain) => `-F ${chain}`),
    ...Object.values(chains).map((chain) => `-X ${chain}`),
  ]);
}

const chains = {
  inbound: "FAIRLEAD_INBOUND",
  outbound: "FAIRLEAD_OUTBOUND",
  toInbound: "FAIRLEAD_TO_INBOUND",
  toOutbound: "FAIRLEAD_TO_OUTBOUND",
} as const;

function table(lines: readonly string[]): string {
  return `*nat\n${lines.join("\n")}\nCOMMIT\n`;
}
