// Names that a peer's certificate must carry, as Envoy's typed matchers. The kind of a name follows from its shape.

import { create } from "@bufbuild/protobuf";
import {
  type SubjectAltNameMatcher,
  SubjectAltNameMatcher_SanType,
  SubjectAltNameMatcherSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/common";

/** One of these must match; none given means that any name will do. Sorted, without duplicates. */
export function subjectAltNameMatchers(names: readonly string[]): SubjectAltNameMatcher[] {
  return [...new Set(names)].sort().map((name) =>
    create(SubjectAltNameMatcherSchema, {
      sanType: sanType(name),
      matcher: { matchPattern: { case: "exact", value: name } },
    }),
  );
}

/** Identities of one of these trust domains; any name if there are none. */
export function trustDomainMatchers(trustDomains: readonly string[]): SubjectAltNameMatcher[] {
  return trustDomains.map((trustDomain) =>
    create(SubjectAltNameMatcherSchema, {
      sanType: SubjectAltNameMatcher_SanType.URI,
      matcher: { matchPattern: { case: "prefix", value: `spiffe://${trustDomain}/` } },
    }),
  );
}

function sanType(name: string): SubjectAltNameMatcher_SanType {
  if (name.includes("://")) return SubjectAltNameMatcher_SanType.URI;
  if (name.includes("@")) return SubjectAltNameMatcher_SanType.EMAIL;
  if (name.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    return SubjectAltNameMatcher_SanType.IP_ADDRESS;
  }
  return SubjectAltNameMatcher_SanType.DNS;
}
