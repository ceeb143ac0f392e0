// What a listener finds out about a connection before it picks a filter chain, in the only order that works.

import { create } from "@bufbuild/protobuf";
import {
  type ListenerFilter,
  ListenerFilterSchema,
  ListenerFilterChainMatchPredicate_MatchSetSchema as MatchSetSchema,
  type ListenerFilterChainMatchPredicate as Predicate,
  ListenerFilterChainMatchPredicateSchema as PredicateSchema,
} from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener_components";
import { HttpInspectorSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/listener/http_inspector/v3/http_inspector";
import { OriginalDstSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/listener/original_dst/v3/original_dst";
import { TlsInspectorSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector";
import { Int32RangeSchema } from "@envoyproxy/protos-ts/envoy/type/v3/range";
import { share } from "#encoding";
import type { ListenerPlan } from "../../4-view/plan/listeners.ts";
import { packAny } from "../envoy-any.ts";

export function listenerFilters(plan: ListenerPlan): ListenerFilter[] {
  const filters: ListenerFilter[] = [];
  // Envoy adds this one itself to a listener that hands connections off by their original destination.
  if (plan.readsOriginalDst && !plan.handsOff) filters.push(originalDst);
  if (plan.detectTls) filters.push(exceptOn(plan.noTlsDetectionOn ?? [], tlsInspector));
  // After the TLS inspector: what that found to be TLS, this one leaves alone.
  if (plan.detectHttp) filters.push(exceptOn(plan.noHttpDetectionOn ?? [], httpInspector));
  return filters;
}

const originalDst = share(
  create(ListenerFilterSchema, {
    name: "envoy.filters.listener.original_dst",
    configType: { case: "typedConfig", value: packAny(OriginalDstSchema, create(OriginalDstSchema)) },
  }),
);

const tlsInspector = share(
  create(ListenerFilterSchema, {
    name: "envoy.filters.listener.tls_inspector",
    configType: {
      case: "typedConfig",
      // Envoy starts with a buffer of 64 KiB for each connection; most ClientHellos fit in this one, and it grows.
      value: packAny(TlsInspectorSchema, create(TlsInspectorSchema, { initialReadBufferSize: 512 })),
    },
  }),
);

const httpInspector = share(
  create(ListenerFilterSchema, {
    name: "envoy.filters.listener.http_inspector",
    configType: { case: "typedConfig", value: packAny(HttpInspectorSchema, create(HttpInspectorSchema)) },
  }),
);

/** The filter, switched off for connections to these ports: there the server may be the one that speaks first. */
function exceptOn(ports: readonly number[], filter: ListenerFilter): ListenerFilter {
  if (ports.length === 0) return filter;
  const predicates = [...new Set(ports)].sort((a, b) => a - b).map(toPort);
  const [only, ...others] = predicates;
  const filterDisabled =
    only !== undefined && others.length === 0
      ? only
      : create(PredicateSchema, {
          rule: { case: "orMatch", value: create(MatchSetSchema, { rules: predicates }) },
        });
  return create(ListenerFilterSchema, {
    name: filter.name,
    configType: filter.configType,
    filterDisabled,
  });
}

function toPort(port: number): Predicate {
  return create(PredicateSchema, {
    rule: {
      case: "destinationPortRange",
      value: create(Int32RangeSchema, { start: port, end: port + 1 }),
    },
  });
}
