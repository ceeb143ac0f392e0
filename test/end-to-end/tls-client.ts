// HTTP over TLS with the SNI, roots and certificate of one's choice.

import { request as httpsRequest } from "node:https";
import { connect } from "node:tls";
import type { Response } from "../envoy/index.ts";
import type { TestCertificate } from "../envoy/test-certificates.ts";

export interface TlsRequest {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** PEM; absent: anybody is trusted. */
  readonly roots?: string;
  readonly client?: TestCertificate;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rejects when the handshake or the connection fails. */
export function tlsRequest(options: TlsRequest): Promise<Response> {
  const { host, port, serverName, path = "/", headers } = options;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        host,
        port,
        path,
        servername: serverName,
        headers: { host: serverName, ...headers },
        ...credentials(options),
        agent: false,
        timeout: 5000,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", reject);
        incoming.once("end", () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.once("error", reject);
    outgoing.once("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.end();
  });
}

/** The serial number of the certificate that a server presents for a name. */
export function presentedSerial(options: Pick<TlsRequest, "host" | "port" | "serverName">): Promise<string> {
  const { host, port, serverName } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: serverName, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function credentials({ roots, client }: TlsRequest) {
  return {
    ...(roots === undefined ? { rejectUnauthorized: false } : { ca: roots }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.privateKey }),
  };
}
