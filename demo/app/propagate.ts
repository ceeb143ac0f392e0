// Which headers of a request an application repeats in the calls it makes for it. Without this no proxy could tell which
// calls belong together, or for whom they are.

import type { IncomingHttpHeaders } from "node:http";

const names: ReadonlySet<string> = new Set([
  // Who asks, and how the demo is asked to misbehave.
  "end-user",
  "x-demo",
  "x-app-delay",
  // Tracing: W3C trace context, B3, and Envoy's own id.
  "x-request-id",
  "traceparent",
  "tracestate",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-ot-span-context",
]);

/** The headers to send along, by lower-case name. */
export function propagatedHeaders(incoming: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(incoming).flatMap(([name, value]) =>
      names.has(name) && typeof value === "string" ? [[name, value]] : [],
    ),
  );
}
