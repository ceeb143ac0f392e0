// From the answer of a page to one observation for each call that was made for it. Pure.

import { type Answer, allCalls, type Incoming } from "../app/index.ts";
import type { KnownRoute, Observation } from "./tally.ts";

/** A visitor of the page. Testers are routed by who they are, and so are counted apart. */
export interface Visitor {
  /** The value of the header `end-user`. */
  readonly name?: string;
}

/** The visitor whom the example's policy knows by name. */
export const tester: Visitor = { name: "jason" };

/** What is counted, in the order in which a request takes its way. */
export function knownRoutes(
  applications: readonly { readonly service: string; readonly version: string }[],
): readonly KnownRoute[] {
  const names = ["productpage", "details", "reviews", routeName("reviews", tester), "ratings"];
  return names.map((name) => ({
    name,
    versions: applications
      .filter(({ service }) => service === name.split(",")[0])
      .map(({ version }) => version)
      .sort(),
  }));
}

export function observe(
  page: Incoming,
  answer: Answer | undefined,
  visitor: Visitor,
  at: number,
): readonly Observation[] {
  const first: Observation = {
    at,
    route: "productpage",
    ok: isOk(page.status),
    ms: page.ms,
    ...(answer ? { version: answer.version } : {}),
  };
  const others = (answer ? allCalls(answer) : []).map(
    (call): Observation => ({
      at,
      route: routeName(call.to, visitor),
      ok: isOk(call.status),
      ms: call.ms,
      ...(call.answer ? { version: call.answer.version } : {}),
    }),
  );
  return [first, ...others];
}

function isOk(status: number): boolean {
  return status >= 200 && status < 400;
}

/** Only reviews are routed by visitor. */
function routeName(service: string, { name }: Visitor): string {
  return service === "reviews" && name !== undefined ? `reviews, end-user: ${name}` : service;
}
