// One object as it was written: plain data plus the means to find any part of it again in its file.

import type { Position } from "../model/origin.ts";

export type Path = readonly (string | number)[];

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Whether a value is a mapping: not null, not a list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface RawObject {
  readonly file: string;
  /** `networking.istio.io`; empty for the Kubernetes core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  /** As written, else `default`; empty only for cluster-scoped kinds. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, when written. */
  readonly created?: string;
  /** The whole object, frozen. */
  readonly value: JsonObject;
  /** The position of the value at `path`, or of its nearest ancestor that exists. `key: true` asks for the key's. */
  locate(path: Path, options?: { readonly key?: boolean }): Position;
}
