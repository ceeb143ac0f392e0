// The kinds of change that the mesh goes through under load. Each takes a policy and gives the next one, or undefined where
// it does not apply at present.

import type { Random } from "./random.ts";
import { objectIds, type Policy, type Subset, unusedEndpoints } from "./state.ts";

export interface Change {
  readonly kind: string;
  /** `serial` makes names that were never used before. */
  readonly make: (policy: Policy, random: Random, serial: number) => Policy | undefined;
}

/** How often each kind comes is how often it is listed. */
export const changes: readonly Change[] = [
  {
    kind: "subset renamed with its routes",
    make: (policy, random, serial) => {
      const chosen = random.pick(policy.subsets);
      return {
        ...policy,
        subsets: policy.subsets.map((each) =>
          each === chosen ? { ...each, name: `${each.version}-${serial}` } : each,
        ),
      };
    },
  },
  {
    kind: "all subsets renamed with their routes",
    make: (policy, _, serial) => ({
      ...policy,
      subsets: policy.subsets.map((each, index) => ({ ...each, name: `${each.version}-${serial}-${index}` })),
    }),
  },
  {
    kind: "subset added with its routes",
    make: (policy, random, serial) => {
      if (policy.subsets.length >= 4) return undefined;
      const version = random.pick(["v1", "v2"]);
      return { ...policy, subsets: shared([...policy.subsets, { name: `${version}-${serial}`, version }]) };
    },
  },
  {
    kind: "subset removed with its routes",
    make: (policy, random) => {
      if (policy.subsets.length < 2) return undefined;
      const gone = random.pick(policy.subsets);
      return { ...policy, subsets: shared(policy.subsets.filter((each) => each !== gone)) };
    },
  },
  {
    kind: "weights",
    make: (policy, random) => {
      const [first, ...rest] = policy.subsets;
      if (!first || rest.length === 0) return undefined;
      const share = 1 + random.below(98);
      const others = shared(rest, 100 - share);
      return { ...policy, subsets: [{ ...first, weight: share }, ...others] };
    },
  },
  { kind: "timeout", make: (policy, random) => ({ ...policy, timeout: random.pick([0, 10, 15, 20]) }) },
  {
    kind: "load balancer (clusters warm anew)",
    make: (policy, random) => ({
      ...policy,
      loadBalancer: random.pick(["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"]),
    }),
  },
  { kind: "endpoint added", make: addEndpoint },
  { kind: "endpoint added", make: addEndpoint },
  {
    kind: "endpoint draining",
    make: (policy, random) => {
      const ready = readyEndpoints(policy);
      if (ready.length < 2) return undefined;
      return { ...policy, endpoints: new Map(policy.endpoints).set(random.pick(ready), "draining") };
    },
  },
  {
    kind: "endpoint removed",
    make: (policy, random) => {
      const ready = readyEndpoints(policy);
      const draining = [...policy.endpoints.keys()].filter((index) => !ready.includes(index));
      // One that serves must remain.
      const candidates = ready.length > 1 ? [...ready, ...draining] : draining;
      if (candidates.length === 0) return undefined;
      const endpoints = new Map(policy.endpoints);
      endpoints.delete(random.pick(candidates));
      return { ...policy, endpoints };
    },
  },
  {
    kind: "port of the workloads",
    make: (policy) => ({ ...policy, targetPort: policy.targetPort === "http" ? "otherHttp" : "http" }),
  },
  {
    kind: "port of a service renumbered with its route",
    make: (policy, _, serial) => ({ ...policy, frontPort: 10_000 + (serial % 10_000) }),
  },
  {
    kind: "service added with the route to it, and the one before removed",
    make: (policy, _, serial) => ({ ...policy, stage: `stage-${serial}` }),
  },
  {
    kind: "service removed with the route to it",
    make: (policy) => (policy.stage === "ratings" ? undefined : { ...policy, stage: "ratings" }),
  },
  {
    kind: "mutual TLS: PERMISSIVE or STRICT",
    make: (policy) => ({ ...policy, mtls: policy.mtls === "STRICT" ? "PERMISSIVE" : "STRICT" }),
  },
  {
    kind: "gateway host added",
    make: (policy, _, serial) =>
      policy.extraHosts.length >= 4
        ? undefined
        : { ...policy, extraHosts: [...policy.extraHosts, `extra-${serial}.example`] },
  },
  {
    kind: "gateway host removed",
    make: (policy) =>
      policy.extraHosts.length === 0 ? undefined : { ...policy, extraHosts: policy.extraHosts.slice(1) },
  },
  {
    kind: "gateway certificate replaced",
    make: (policy) => ({ ...policy, certificate: 1 - policy.certificate }),
  },
  {
    kind: "gateway certificate from another Secret",
    make: (policy, _, serial) => ({ ...policy, credential: `front-${serial}` }),
  },
  {
    kind: "object moved to another file",
    make: (policy, random, serial) => {
      const files = new Map(policy.files);
      const target = random.pick([...new Set(files.values()), `moved-${serial}.yaml`]);
      return { ...policy, files: files.set(random.pick(objectIds), target) };
    },
  },
  {
    kind: "file renamed",
    make: (policy, random, serial) => {
      const gone = random.pick([...new Set(policy.files.values())]);
      const files = [...policy.files].map(
        ([id, file]) => [id, file === gone ? `renamed-${serial}.yaml` : file] as const,
      );
      return { ...policy, files: new Map(files) };
    },
  },
];

function addEndpoint(policy: Policy, random: Random): Policy | undefined {
  const unused = unusedEndpoints(policy);
  if (unused.length === 0) return undefined;
  return { ...policy, endpoints: new Map(policy.endpoints).set(random.pick(unused), "ready") };
}

function readyEndpoints({ endpoints }: Policy): readonly number[] {
  return [...endpoints].filter(([, state]) => state === "ready").map(([index]) => index);
}

/** Equal shares of the total, but for what division leaves over. */
function shared(subsets: readonly Omit<Subset, "weight">[], total = 100): readonly Subset[] {
  const each = Math.floor(total / subsets.length);
  return subsets.map(({ name, version }, index) => ({
    name,
    version,
    weight: index === 0 ? total - each * (subsets.length - 1) : each,
  }));
}
