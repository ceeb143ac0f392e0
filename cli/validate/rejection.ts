// What a real Envoy had to say against a configuration.

export interface EnvoyRejection {
  readonly message: string;
  /** `listeners virtualInbound`: all that Envoy refuses with these words; empty when it is no resource by itself. */
  readonly resources: readonly string[];
  /** Ids of the proxies whose configuration it is. */
  readonly proxies: readonly string[];
  /** `VirtualService default/reviews (file.yaml:12)`: the objects behind the resources. */
  readonly places: readonly string[];
}

/** `listeners virtualInbound and 3 more`, or `the configuration`. */
export function nameResources({ resources }: EnvoyRejection): string {
  const [first, ...more] = resources;
  if (first === undefined) return "the configuration";
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/** All of it, as lines of plain text. */
export function describeRejection(rejection: EnvoyRejection): string {
  return [`Envoy refuses ${nameResources(rejection)}: ${rejection.message}`, ...rejection.places].join("\n");
}
