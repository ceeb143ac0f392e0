// TLS versions in Envoy's terms.

import { TlsParameters_TlsProtocol } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/common";

/** `TLSV1_2`, as policies spell it; anything else leaves the choice to Envoy. */
export function tlsProtocol(version: string | undefined): TlsParameters_TlsProtocol {
  switch (version) {
    case "TLSV1_0":
      return TlsParameters_TlsProtocol.TLSv1_0;
    case "TLSV1_1":
      return TlsParameters_TlsProtocol.TLSv1_1;
    case "TLSV1_2":
      return TlsParameters_TlsProtocol.TLSv1_2;
    case "TLSV1_3":
      return TlsParameters_TlsProtocol.TLSv1_3;
    default:
      return TlsParameters_TlsProtocol.TLS_AUTO;
  }
}
