// Answers a request with a redirect: our Redirect as Envoy's RedirectAction.

import { create } from "@bufbuild/protobuf";
import {
  type RedirectAction,
  RedirectActionSchema,
  RedirectAction_RedirectResponseCode as ResponseCode,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { Redirect } from "../../model/routes.ts";

/**
 * `request-port` and `protocol-default` set no port: Envoy then keeps the port of the request's own Host, and puts none
 * behind a new authority. A redirect that must carry the port of its listener to a new authority comes with the number.
 */
export function redirectAction(redirect: Redirect): RedirectAction {
  return create(RedirectActionSchema, {
    pathRewriteSpecifier: pathRewriteSpecifier(redirect),
    hostRedirect: redirect.authority ?? "",
    portRedirect: portRedirect(redirect),
    ...(redirect.scheme !== undefined && {
      schemeRewriteSpecifier: { case: "schemeRedirect", value: redirect.scheme } as const,
    }),
    responseCode: responseCodes[redirect.code],
  });
}

const responseCodes: Readonly<Record<Redirect["code"], ResponseCode>> = {
  301: ResponseCode.MOVED_PERMANENTLY,
  302: ResponseCode.FOUND,
  303: ResponseCode.SEE_OTHER,
  307: ResponseCode.TEMPORARY_REDIRECT,
  308: ResponseCode.PERMANENT_REDIRECT,
};

/** Istio's spelling, inside `uri`, of a prefix replacement. */
const prefixMark = "%PREFIX()%";

function pathRewriteSpecifier({ uri, prefixRewrite }: Redirect): RedirectAction["pathRewriteSpecifier"] {
  if (prefixRewrite !== undefined) return { case: "prefixRewrite", value: prefixRewrite };
  if (uri === undefined || uri === "") return { case: undefined };
  return uri.startsWith(prefixMark)
    ? { case: "prefixRewrite", value: uri.slice(prefixMark.length) }
    : { case: "pathRedirect", value: uri };
}

/** A port that the scheme implies anyway is not written behind the host. */
function portRedirect({ port, scheme }: Redirect): number {
  if (typeof port !== "number") return 0;
  const implied = scheme === "https" ? 443 : scheme === "http" ? 80 : undefined;
  return port === implied ? 0 : port;
}
