// What a test can ask of an application in a namespace, and what comes back.

import type { ApplicationOptions } from "../end-to-end/application.ts";
import type { TlsRequest } from "../end-to-end/tls-client.ts";
import type { RequestOptions } from "../envoy/client.ts";

export type Order =
  | { readonly kind: "serve"; readonly application: ApplicationOptions }
  | { readonly kind: "http"; readonly request: RequestOptions }
  | { readonly kind: "tls"; readonly request: TlsRequest }
  /** Sends the text and waits until it has come back. */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly text: string };

export interface Report {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
