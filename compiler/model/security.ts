// Transport security policy and the secrets that files provide. Key material redacts itself when printed.

import type { Labels } from "./labels.ts";
import type { Origin } from "./origin.ts";

export type MtlsMode = "permissive" | "strict" | "disable";

/** Which mutual TLS a workload asks of its callers. Absent modes inherit: workload → namespace → mesh → permissive. */
export interface MtlsPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly selector?: Labels;
  readonly mode?: MtlsMode;
  readonly portModes: Readonly<Record<number, MtlsMode | undefined>>;
  readonly created?: string;
  readonly origin: Origin;
}

/** A certificate, key or CA bundle from a Secret or ConfigMap, PEM. */
export interface Credential {
  readonly name: string;
  readonly namespace: string;
  readonly certificate?: string;
  readonly privateKey?: Redacted;
  readonly caCertificate?: string;
  readonly crl?: string;
  /** Of its certificate's leaf, whose issuers outlive it, and of its CA bundle's last one: until then somebody is trusted. */
  readonly lifetimes: readonly Lifetime[];
  readonly origin: Origin;
}

/** When a certificate is good, in milliseconds since the epoch. */
export interface Lifetime {
  readonly part: "certificate" | "CA bundle";
  readonly from: number;
  readonly until: number;
}

/** A text that may be used but never printed: not by JSON, not by a template, not by an inspector. */
export class Redacted {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** The only way to the text. Call it where the bytes leave for Envoy, nowhere else. */
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return "[redacted]";
  }
  toJSON(): string {
    return "[redacted]";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[redacted]";
  }
}
