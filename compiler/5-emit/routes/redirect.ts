// Answers a request with a redirect: our RedirectPlan as Envoy's RedirectAction.

import { create } from "@bufbuild/protobuf";
import {
  type RedirectAction,
  RedirectActionSchema,
  RedirectAction_RedirectResponseCode as ResponseCode,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { RedirectPlan } from "../../4-view/plan/routes.ts";

export function redirectAction(redirect: RedirectPlan): RedirectAction {
  return create(RedirectActionSchema, {
    pathRewriteSpecifier: pathRewriteSpecifier(redirect),
    hostRedirect: redirect.authority ?? "",
    portRedirect: redirect.port ?? 0,
    ...(redirect.scheme !== undefined && {
      schemeRewriteSpecifier: { case: "schemeRedirect", value: redirect.scheme } as const,
    }),
    responseCode: responseCodes[redirect.code],
  });
}

const responseCodes: Readonly<Record<RedirectPlan["code"], ResponseCode>> = {
  301: ResponseCode.MOVED_PERMANENTLY,
  302: ResponseCode.FOUND,
  303: ResponseCode.SEE_OTHER,
  307: ResponseCode.TEMPORARY_REDIRECT,
  308: ResponseCode.PERMANENT_REDIRECT,
};

/** Istio's spelling, inside `uri`, of a prefix replacement. */
const prefixMark = "%PREFIX()%";

function pathRewriteSpecifier({ uri, prefixRewrite }: RedirectPlan): RedirectAction["pathRewriteSpecifier"] {
  if (prefixRewrite !== undefined) return { case: "prefixRewrite", value: prefixRewrite };
  if (uri === undefined || uri === "") return { case: undefined };
  return uri.startsWith(prefixMark)
    ? { case: "prefixRewrite", value: uri.slice(prefixMark.length) }
    : { case: "pathRedirect", value: uri };
}
