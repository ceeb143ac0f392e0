// Secrets by name, kind and validity. Their content never leaves this file.

import { X509Certificate } from "node:crypto";
import type { DataSource } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import type { Secret } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import type { Served } from "./served.ts";
import type { Table } from "./table-parts.ts";

/** What may be told of a secret. */
export interface SecretSummary {
  readonly name: string;
  readonly type: string;
  /** ISO 8601; the first of its certificates to expire. Absent where there is none that can be read. */
  readonly validUntil?: string;
  readonly origins: readonly string[];
}

export function summarizeSecrets(secrets: readonly Served<Secret>[]): readonly SecretSummary[] {
  return secrets.map(({ message, dumped }) => {
    const until = firstExpiry(certificatesOf(message));
    return {
      name: message.name,
      type: typeOf(message),
      ...(until === undefined ? {} : { validUntil: new Date(until).toISOString() }),
      origins: dumped.origins,
    };
  });
}

export function secretTable(secrets: readonly SecretSummary[]): Table {
  return {
    headings: ["NAME", "TYPE", "VALID UNTIL"],
    rows: secrets.map(({ name, type, validUntil = "" }) => [name, type, validUntil]),
  };
}

function typeOf({ type }: Secret): string {
  switch (type.case) {
    case "tlsCertificate":
      return "Cert Chain";
    case "validationContext":
      return "CA";
    case "sessionTicketKeys":
      return "Session Tickets";
    case "genericSecret":
      return "Generic";
    case undefined:
      return "";
  }
}

function certificatesOf({ type }: Secret): string {
  switch (type.case) {
    case "tlsCertificate":
      return textOf(type.value.certificateChain);
    case "validationContext":
      return textOf(type.value.trustedCa);
    default:
      return "";
  }
}

function textOf(source: DataSource | undefined): string {
  const specifier = source?.specifier;
  if (specifier?.case === "inlineString") return specifier.value;
  return specifier?.case === "inlineBytes" ? Buffer.from(specifier.value).toString() : "";
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function firstExpiry(pem: string): number | undefined {
  const expiries = (pem.match(certificate) ?? []).flatMap((each) => {
    try {
      return [new X509Certificate(each).validToDate.getTime()];
    } catch {
      return [];
    }
  });
  return expiries.length === 0 ? undefined : Math.min(...expiries);
}
