// Where a redirect leads, as Istio's reference of HTTPRedirect says it.

export interface Redirect {
  readonly uri?: string;
  readonly prefixRewrite?: string;
  readonly authority?: string;
  readonly port?: number;
  readonly derivePort?: "FROM_PROTOCOL_DEFAULT" | "FROM_REQUEST_PORT";
  readonly scheme?: "http" | "https";
  readonly redirectCode?: number;
}

interface Request {
  readonly authority: string;
  readonly port: number;
  readonly path: string;
  readonly query: string;
}

/** `rest` is the path without the prefix that the route matched. */
export function locationOf(
  redirect: Redirect,
  { authority, port, path, query }: Request,
  rest: string,
): string {
  const { scheme = "http", uri, prefixRewrite, derivePort } = redirect;
  const [host, hostPort = "80"] = authority.split(":");
  // "overwrite the port portion"; "automatically set to 80 for HTTP and 443 for HTTPS"; "automatically use the port of the request".
  const kept = redirect.authority !== undefined || (scheme === "https" && hostPort === "80") ? "" : hostPort;
  // Where the scheme is not written it may be another proxy's to say, so that the port is left alone, as by istiod (ApplyRedirect).
  const usual = redirect.scheme === undefined ? kept : "";
  const derived = derivePort && { FROM_PROTOCOL_DEFAULT: usual, FROM_REQUEST_PORT: port }[derivePort];
  const other = prefixRewrite === undefined ? uri : prefixRewrite + rest;
  // A query of the new one stays (Envoy's path_redirect).
  const target = other === undefined ? path + query : other.includes("?") ? other : other + query;
  return new URL(`${scheme}://${redirect.authority ?? host}:${redirect.port ?? derived ?? kept}${target}`)
    .href;
}
