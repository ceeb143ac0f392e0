// Which DestinationRules a client goes by for a service, as Istio's page on traffic management has it ("DestinationRule lookup path"), and
// istiod where that is silent. In: the rules that the client sees, the service. Out: those of one namespace and host.

import type { Exported } from "./export-to.ts";
import { closest } from "./hosts.ts";

export const rootNamespace = "istio-system";

/** Of the client's, the service's and the root namespace, the first that has any; there of the closest host. */
export function rulesFor<T extends Exported & { readonly host: string }>(
  rules: readonly T[],
  { host, namespace }: { readonly host: string; readonly namespace: string },
  client: string,
): readonly T[] {
  const of = (owner: string) => rules.filter((rule) => rule.namespace === owner);
  // What the root namespace says for everyone does not go before the service's own for clients that live there, as gateways do.
  const own = of(client).filter((rule) => client !== rootNamespace || isPrivate(rule));
  const [found = []] = [own, of(namespace), of(rootNamespace)]
    .map((each) => closest(each, host))
    .filter(({ length }) => length > 0);
  return found;
}

function isPrivate({ exportTo = ["*"], namespace }: Exported): boolean {
  return exportTo.every((each) => each === "." || each === namespace);
}
