// Which port a redirect must spell out, since Envoy does not come to it by itself.

import type { Redirect } from "../model/routes.ts";
import type { RedirectPlan } from "./plan/index.ts";

const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** `requestPort` is that of the service or server. */
export function planRedirect({ port, ...redirect }: Redirect, requestPort: number): RedirectPlan {
  const { authority, scheme } = redirect;
  // Without a scheme it is the request's, which a proxy in front may have told (X-Forwarded-Proto).
  const usual = scheme === undefined ? undefined : usualPorts[scheme];
  const wanted = port === "protocol-default" ? usual : port === "request-port" ? requestPort : port;
  // A request without a port in its Host, or with the usual one, leads to the usual port of any scheme.
  const isUsual = requestPort === usualPorts.http || requestPort === usualPorts.https;
  const isKept =
    port === "request-port" ? scheme === undefined || wanted === usual : wanted === usual && isUsual;
  const isImplied = authority === undefined ? isKept : wanted === usual;
  return wanted === undefined || isImplied ? redirect : { ...redirect, port: wanted };
}
