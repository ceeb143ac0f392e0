// What a real Envoy had to say against a configuration.

export interface EnvoyRejection {
  readonly message: string;
  /** `listener virtualInbound`, when Envoy's message names one. */
  readonly resource?: string;
  /** Ids of the proxies whose configuration it is. */
  readonly proxies: readonly string[];
  /** `VirtualService default/reviews file.yaml:12`: the objects behind the resource. */
  readonly places: readonly string[];
}
