// Header changes of a route or of one of its destinations, in the form that Envoy's Route and ClusterWeight share.

import { create } from "@bufbuild/protobuf";
import {
  HeaderValueOption_HeaderAppendAction as AppendAction,
  type HeaderValueOption,
  HeaderValueOptionSchema,
  HeaderValueSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import type { HeaderChange, HeaderOperations } from "../../model/routes.ts";
import { byName } from "../by-name.ts";

/** The fields have the names of both Envoy messages, so the whole can be spread into either. */
export interface EmittedHeaderOperations {
  readonly requestHeadersToAdd: HeaderValueOption[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderValueOption[];
  readonly responseHeadersToRemove: string[];
}

/** `Host` and the pseudo headers are left out: Envoy refuses to change them this way (see `hostOf`). */
export function headerOperations(operations: HeaderOperations): EmittedHeaderOperations {
  return {
    requestHeadersToAdd: additions(operations.request),
    requestHeadersToRemove: removals(operations.request),
    responseHeadersToAdd: additions(operations.response),
    responseHeadersToRemove: removals(operations.response),
  };
}

/** The value that the operations give to the request's `Host`, which Envoy has a field of its own for; `set` wins over `add`. */
export function hostOf(operations: HeaderOperations): string | undefined {
  const { set, add } = operations.request;
  return [...set, ...add].find((pair) => isHost(pair.name))?.value;
}

/** Two levels of operations in one: the outer ones first, so that an inner `set` overrides an outer `add`. */
export function joinHeaderOperations(
  outer: EmittedHeaderOperations,
  inner: EmittedHeaderOperations,
): EmittedHeaderOperations {
  return {
    requestHeadersToAdd: [...outer.requestHeadersToAdd, ...inner.requestHeadersToAdd],
    requestHeadersToRemove: union(outer.requestHeadersToRemove, inner.requestHeadersToRemove),
    responseHeadersToAdd: [...outer.responseHeadersToAdd, ...inner.responseHeadersToAdd],
    responseHeadersToRemove: union(outer.responseHeadersToRemove, inner.responseHeadersToRemove),
  };
}

function additions(change: HeaderChange): HeaderValueOption[] {
  return [
    ...options(change.set, AppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
    ...options(change.add, AppendAction.APPEND_IF_EXISTS_OR_ADD),
  ];
}

function options(pairs: HeaderChange["set"], appendAction: AppendAction): HeaderValueOption[] {
  return pairs
    .filter((pair) => !isReserved(pair.name))
    .toSorted(byName)
    .map((pair) =>
      create(HeaderValueOptionSchema, {
        header: create(HeaderValueSchema, { key: pair.name, value: pair.value }),
        appendAction,
      }),
    );
}

function removals(change: HeaderChange): string[] {
  return union(
    change.remove.filter((name) => !isReserved(name)),
    [],
  );
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

function isReserved(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}

function isHost(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === "host" || lower === ":authority";
}
