// The end of a chain that speaks HTTP: our HttpTerminal as Envoy's HttpConnectionManager.

import { create } from "@bufbuild/protobuf";
import { Http1ProtocolOptionsSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/protocol";
import {
  HttpConnectionManager_CodecType as CodecType,
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager_ForwardClientCertDetails as ForwardClientCert,
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  RdsSchema,
  HttpConnectionManager_SetCurrentClientCertDetailsSchema as SetCurrentClientCertSchema,
  HttpConnectionManager_UpgradeConfigSchema as UpgradeConfigSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { share } from "#encoding";
import type { HttpTerminal } from "../../4-view/plan/listeners.ts";
import type { Contribution } from "../../kinds/kind.ts";
import { accessLogs } from "../access-log.ts";
import { adsSource } from "../ads-source.ts";
import { durationOf } from "../duration.ts";
import { routeConfiguration } from "../routes/index.ts";
import { httpFilters } from "./http-filters.ts";

export function httpConnectionManager(
  terminal: HttpTerminal,
  contributions: readonly Contribution[],
): HttpConnectionManager {
  return create(HttpConnectionManagerSchema, {
    codecType: CodecType.AUTO,
    statPrefix: terminal.statPrefix,
    routeSpecifier: routeSpecifier(terminal.routes),
    httpFilters: httpFilters(terminal, contributions),
    ...byRole(terminal.role),
    ...pathNormalization(terminal.pathNormalization),
    forwardClientCertDetails: forwardClientCert[terminal.forwardClientCert],
    xffNumTrustedHops: terminal.trustedHops,
    accessLog: accessLogs(terminal.accessLog),
    upgradeConfigs: [websocket],
    // Whether a body is wanted is for the server to say.
    proxy100Continue: true,
    // Streams may stay quiet for as long as they like: limits are the routes' business.
    streamIdleTimeout: durationOf(0),
  });
}

type Part = Partial<Omit<HttpConnectionManager, "$typeName" | "$unknown">>;

const websocket = share(create(UpgradeConfigSchema, { upgradeType: "websocket" }));

function routeSpecifier(routes: HttpTerminal["routes"]): HttpConnectionManager["routeSpecifier"] {
  switch (routes.type) {
    case "rds":
      return {
        case: "rds",
        value: create(RdsSchema, { configSource: adsSource, routeConfigName: routes.name }),
      };
    case "inline":
      return { case: "routeConfig", value: routeConfiguration(routes.table) };
  }
}

const namesOfPeer = share(create(SetCurrentClientCertSchema, { subject: true, dns: true, uri: true }));
const certificateOfPeer = share(
  create(SetCurrentClientCertSchema, { subject: true, cert: true, dns: true, uri: true }),
);

/** The name that Istio's servers and gateways answer with. */
const serverName = "istio-envoy";

/** Only a gateway is the first to see a client, so only there is the peer of the connection that client. */
function byRole(role: HttpTerminal["role"]): Part {
  switch (role) {
    case "outbound":
      return { useRemoteAddress: false };
    case "http-proxy":
      return {
        useRemoteAddress: false,
        httpProtocolOptions: create(Http1ProtocolOptionsSchema, { allowAbsoluteUrl: true }),
      };
    case "inbound":
      return {
        useRemoteAddress: false,
        serverName,
        setCurrentClientCertDetails: namesOfPeer,
      };
    case "gateway":
      return {
        useRemoteAddress: true,
        serverName,
        setCurrentClientCertDetails: certificateOfPeer,
      };
  }
}

/** Everything is written out: what a path is before policy looks at it must not follow Envoy's build options. */
function pathNormalization(level: HttpTerminal["pathNormalization"]): Part {
  return {
    normalizePath: level !== "none",
    mergeSlashes: level === "merge-slashes" || level === "decode-and-merge-slashes",
    pathWithEscapedSlashesAction:
      level === "decode-and-merge-slashes"
        ? EscapedSlashes.UNESCAPE_AND_FORWARD
        : EscapedSlashes.KEEP_UNCHANGED,
  };
}

const forwardClientCert: Readonly<Record<HttpTerminal["forwardClientCert"], ForwardClientCert>> = {
  sanitize: ForwardClientCert.SANITIZE,
  "forward-only": ForwardClientCert.FORWARD_ONLY,
  "append-forward": ForwardClientCert.APPEND_FORWARD,
  "sanitize-set": ForwardClientCert.SANITIZE_SET,
  "always-forward-only": ForwardClientCert.ALWAYS_FORWARD_ONLY,
};
