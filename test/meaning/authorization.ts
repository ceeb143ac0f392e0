// What AuthorizationPolicies mean, as Istio's reference says it: any DENY rule that holds denies; where there are ALLOW policies, one of
// their rules has to hold; AUDIT changes nothing. In: the policies, a request and the workload that it comes to. Out: whether it may.

export interface Policy {
  readonly namespace: string;
  readonly spec: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly action?: "ALLOW" | "DENY" | "AUDIT";
    readonly rules?: readonly Rule[];
  };
}

export interface Rule {
  readonly from?: readonly { readonly source: Source }[];
  readonly to?: readonly { readonly operation: Operation }[];
  readonly when?: readonly Condition[];
}

type Values<K extends string> = { readonly [F in K | `not${Capitalize<K>}`]?: readonly string[] };
export type Source = Values<
  "principals" | "namespaces" | "ipBlocks" | "serviceAccounts" | "requestPrincipals"
>;
export type Operation = Values<"hosts" | "ports" | "methods" | "paths">;
export interface Condition extends Values<"values"> {
  readonly key: string;
}

export interface Inbound {
  /** Undefined for a client without a certificate. */
  readonly from: { readonly namespace: string; readonly serviceAccount: string } | undefined;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Workload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly port: number;
}

const rootNamespace = "istio-system";

export function isAllowed(policies: readonly Policy[], request: Inbound, workload: Workload): boolean {
  const effective = policies.filter(
    ({ namespace, spec }) =>
      [workload.namespace, rootNamespace].includes(namespace) &&
      Object.entries(spec.selector?.matchLabels ?? {}).every(
        ([key, value]) => workload.labels[key] === value,
      ),
  );
  const some = (action: string) =>
    effective
      .filter(({ spec }) => (spec.action ?? "ALLOW") === action)
      .map(({ namespace, spec }) =>
        (spec.rules ?? []).some((rule) => holds(rule, namespace, request, workload)),
      );
  if (some("DENY").some(Boolean)) return false;
  const allows = some("ALLOW");
  return allows.length === 0 || allows.some(Boolean);
}

/** Everything in a rule; of several sources and operations one; all conditions. */
function holds({ from, to, when }: Rule, namespace: string, request: Inbound, { port }: Workload): boolean {
  const { method, path, authority, headers } = request;
  const source = factsOf(request, namespace);
  const operation: Facts<keyof Operation> = {
    hosts: (value) => fits(value.toLowerCase(), authority.toLowerCase()),
    ports: (value) => value === `${port}`,
    methods: (value) => fits(value, method),
    paths: (value) => (value.includes("{") ? fitsTemplate(value, path) : fits(value, path)),
  };
  const conditions: Readonly<Record<string, (value: string) => boolean>> = {
    "source.principal": source.principals,
    "source.namespace": source.namespaces,
    "source.ip": source.ipBlocks,
    "destination.port": operation.ports,
    "request.headers[x-a]": (value) => fits(value, headers["x-a"]),
  };
  return (
    (!from || from.some((each) => agrees(each.source, source))) &&
    (!to || to.some((each) => agrees(each.operation, operation))) &&
    (when ?? []).every(({ key, values, notValues }) =>
      agrees({ values, notValues }, { values: conditions[key] ?? (() => false) }),
    )
  );
}

type Facts<K extends string> = Readonly<Record<Exclude<K, `not${string}`>, (value: string) => boolean>>;

/** Each list that is there has one that is so, and each `not` list has none. */
function agrees(
  lists: Readonly<Record<string, readonly string[] | undefined>>,
  facts: Readonly<Record<string, (value: string) => boolean>>,
): boolean {
  return Object.entries(lists).every(([name, values]) => {
    if (values === undefined) return true;
    const is = facts[name];
    if (is) return values.some(is);
    const isNot = facts[name.charAt(3).toLowerCase() + name.slice(4)];
    return !values.some(isNot ?? (() => true));
  });
}

/** Everybody calls from 127.0.0.0/8, and nobody has a token. */
function factsOf({ from }: Inbound, namespace: string): Facts<keyof Source> {
  const principal = from && `cluster.local/ns/${from.namespace}/sa/${from.serviceAccount}`;
  return {
    principals: (value: string) => fits(value, principal),
    namespaces: (value: string) => fits(value, from?.namespace),
    ipBlocks: (value: string) => value.startsWith("127."),
    requestPrincipals: () => false,
    /** `name` is one of the policy's own namespace. */
    serviceAccounts: (value: string) =>
      from !== undefined &&
      (value.includes("/") ? value : `${namespace}/${value}`) === `${from.namespace}/${from.serviceAccount}`,
  };
}

/** "Exact match: abc; prefix match: abc*; suffix match: *abc; presence match: *". */
function fits(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  if (pattern === "*") return text !== "";
  if (pattern.startsWith("*")) return text.endsWith(pattern.slice(1));
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** `{*}` is one segment, `{**}` any number. */
function fitsTemplate(template: string, path: string): boolean {
  const pattern = template.replaceAll("{**}", ".*").replaceAll("{*}", "[^/]+");
  return new RegExp(`^${pattern}$`).test(path);
}
