// What a test can ask of an application in a namespace, and what comes back.

import type { ApplicationOptions } from "../end-to-end/application.ts";
import type { Conversation } from "../end-to-end/converse.ts";
import type { TlsRequest } from "../end-to-end/tls-client.ts";
import type { RequestOptions } from "../envoy/client.ts";

export type Order =
  | { readonly kind: "serve"; readonly application: ApplicationOptions }
  | { readonly kind: "http"; readonly request: RequestOptions }
  | { readonly kind: "tls"; readonly request: TlsRequest }
  | { readonly kind: "tcp"; readonly conversation: Conversation };

export interface Report {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
