// What stage 5 needs to write one RouteConfiguration: hosts, order and cluster names are settled.

import type { HashKey } from "../../model/destination.ts";
import type { HttpMatch } from "../../model/match.ts";
import type { Origin } from "../../model/origin.ts";
import type {
  Cors,
  DirectResponse,
  Fault,
  HeaderOperations,
  Redirect,
  Retries,
  Rewrite,
} from "../../model/routes.ts";

export interface RouteTablePlan {
  /** `9080`, `any.shop.svc.cluster.local:7000`, `http_proxy`, `http.8080`, `https.443.https.gw.ns`, or `inbound|9080||`. */
  readonly name: string;
  readonly virtualHosts: readonly VirtualHostPlan[];
  /** Gateways: `reviews.example.com:8443` finds the host `reviews.example.com`. */
  readonly ignorePortInHost: boolean;
  /** Whoever discovers virtual hosts has those of this table with it all the same: they are those of one service. */
  readonly inOnePiece?: true;
  readonly origins: readonly Origin[];
}

export interface VirtualHostPlan {
  /** `reviews.default.svc.cluster.local:9080`, `allow_any`, `block_all`. */
  readonly name: string;
  /** Unique within the table. */
  readonly domains: readonly string[];
  readonly routes: readonly RoutePlan[];
  /** Every request is redirected to https (301). */
  readonly requireTls: boolean;
  /** Sends x-envoy-attempt-count upstream, as Istio does on outbound routes. */
  readonly includeAttemptCount: boolean;
  readonly origins: readonly Origin[];
}

/** One Envoy route. Rules with several matches have become several of these. */
export interface RoutePlan {
  readonly name?: string;
  /** Absent: every request. */
  readonly match?: HttpMatch;
  readonly action: RouteActionPlan;
  readonly rewrite?: Rewrite;
  /** 0 or absent: no timeout. */
  readonly timeoutMs?: number;
  /** Absent: no retries at all. Otherwise the defaults are already filled in. */
  readonly retries?: Retries;
  readonly fault?: Fault;
  readonly cors?: Cors;
  readonly headers: HeaderOperations;
  readonly origins: readonly Origin[];
}

export type RouteActionPlan =
  | {
      readonly type: "forward";
      /** One, or several with weights (not all zero). */
      readonly clusters: readonly ClusterTarget[];
      readonly mirrors: readonly { readonly cluster: string; readonly percentage: number }[];
      readonly hash: readonly HashKey[];
    }
  | RedirectPlan
  | DirectResponse;

export interface RedirectPlan extends Omit<Redirect, "port"> {
  /** Without it, the port of the request's Host stays, and there is none behind a new authority. */
  readonly port?: number;
}

export interface ClusterTarget {
  readonly cluster: string;
  readonly weight: number;
  readonly headers: HeaderOperations;
  /** The upstream TLS offers the ALPN names of the request's protocol; absent: those of the cluster. */
  readonly alpnFromRequest?: boolean;
}
