// ServiceEntries of all sorts, many of them for one host, with Services of the same names, workloads that they select and routes that lead
// to them, made up at random.

import fc from "fast-check";
import type {
  Destination,
  Endpoint,
  Entry,
  Labels,
  Port,
  Request,
  Workload,
  World,
} from "./service-entry.ts";

export const addresses = ["127.0.50.11", "127.0.50.12", "127.0.50.13", "127.0.50.14"] as const;
/** Ports of services, and those that something listens on. */
export const numbers = [21550, 21551] as const;

const db = (namespace: string) => `db.${namespace}.svc.cluster.local`;
/** An entry that stays. */
export const always = {
  namespace: "vendor",
  hosts: ["always.test"],
  ports: [{ number: 80, name: "http", protocol: "HTTP" }],
  resolution: "STATIC",
} as const;
/** Whom DNS knows. */
const local = ["localhost", "one.localhost"] as const;
const exact = ["a.example", "b.example", "x.wild.example", db("shop"), db("vendor")] as const;
/** Of few hosts there are many. */
const often = ["a.example", "a.example", "a.example", ...exact] as const;
const patterns = ["*.wild.example", "*.example"] as const;
export const hosts = [always.hosts[0], ...exact, ...local, ...patterns] as const;

const nowhere = "nowhere.test";
export const subsets: Readonly<Record<string, Labels>> = {
  one: { version: "one" },
  two: { version: "two" },
  near: { version: "one", zone: "near" },
  all: {},
};
/** Routes that are there from the start, so that they are not held back. */
export const lost: World["routes"] = {
  "lost-0.test": { host: nowhere },
  "lost-1.test": { host: always.hosts[0], port: { number: 9999 } },
  "lost-2.test": { host: always.hosts[0], subset: "three" },
};
const routed = ["routed-0.test", "routed-1.test", "routed-2.test"] as const;

const namespace = fc.constantFrom("shop", "elsewhere", "vendor");
const exported = fc.oneof(
  fc.constant({}),
  fc.constant({}),
  fc
    .constantFrom(["*"], ["."], ["~"], ["shop"], ["shop", "elsewhere"], [".", "nowhere"])
    .map((exportTo) => ({ exportTo })),
);
const served = fc.constantFrom(...numbers);
const address = fc.constantFrom(...addresses);
const labels = fc.record(
  {
    version: fc.constantFrom("one", "two"),
    zone: fc.constantFrom("near", "far"),
    app: fc.constantFrom("db", "api"),
  },
  { requiredKeys: [] },
);
const endpointAt = (address: fc.Arbitrary<string>, names: readonly string[]): fc.Arbitrary<Endpoint> =>
  fc.record(
    {
      address,
      labels,
      ports: fc.dictionary(fc.constantFrom(...names), served, { minKeys: 1 }),
      weight: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ["address"] },
  );

/** Nothing listens on 80. A port has one of two names, and may have the other one in another entry. */
const ports: fc.Arbitrary<readonly Port[]> = fc
  .tuple(
    fc.subarray([80, 80, 80, 80, ...numbers], { minLength: 1, maxLength: 2 }),
    fc.constantFrom(["http", "alt"], ["alt", "http"]),
    fc.array(
      fc.record(
        {
          protocol: fc.constantFrom<Port["protocol"]>(
            ...(["HTTP", "HTTP", "HTTP", "HTTP"] as const),
            "http",
            "TCP",
            "TLS",
          ),
          targetPort: served,
        },
        { requiredKeys: ["protocol"] },
      ),
      { minLength: 2, maxLength: 2 },
    ),
  )
  .map(([all, names, more]) =>
    [...new Set(all)].map((number, index): Port => {
      const { protocol = "HTTP", targetPort } = more[index] ?? {};
      const target = targetPort ?? (number === 80 ? numbers[0] : undefined);
      return { number, name: names[index] ?? "", protocol, ...(target && { targetPort: target }) };
    }),
  );

const selecting = fc
  .constantFrom({ app: "db" }, { app: "api" }, { app: "db", version: "one" })
  .map((labels) => ({ workloadSelector: { labels } }));
/** What stands behind an entry with these ports. */
type Backing = (ports: readonly Port[]) => fc.Arbitrary<Pick<Entry, "endpoints" | "workloadSelector">>;
const listed = (address: fc.Arbitrary<string>, minLength: number, maxLength: number): Backing => {
  const size = { minLength, maxLength };
  return (ports) => {
    const names = ports.map(({ name }) => name);
    return fc.array(endpointAt(address, names), size).map((endpoints) => ({ endpoints }));
  };
};
const either =
  (...all: readonly Backing[]): Backing =>
  (ports) =>
    fc.oneof(...all.map((each) => each(ports)));
const selected: Backing = () => selecting;
const unlisted: Backing = () => fc.constant({});
const byName = fc.oneof(address, fc.constantFrom(...local));
const some = (...hosts: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...hosts), { minLength: 1, maxLength: 2 });
const usual = some(...often, ...often, ...patterns);

const sorts: readonly (readonly [number, Entry["resolution"], fc.Arbitrary<readonly string[]>, Backing])[] = [
  [10, "STATIC", usual, either(listed(address, 0, 2), listed(address, 1, 2), selected)],
  [4, "DNS", usual, either(listed(byName, 1, 3), listed(byName, 1, 2), selected)],
  [2, "DNS", some(...local), either(unlisted, unlisted, listed(byName, 1, 2))],
  [2, "DNS_ROUND_ROBIN", usual, listed(byName, 1, 1)],
  [1, "DNS_ROUND_ROBIN", some(...local), unlisted],
  [1, "NONE", usual, unlisted],
];

/** Each of one host alone. */
const virtual: Readonly<Record<string, readonly string[]>> = {
  "a.example": ["10.50.0.1", "10.50.0.3"],
  "b.example": ["10.50.0.2/32", "10.50.1.0/24"],
};
const located = fc.constantFrom(
  {},
  { location: "MESH_EXTERNAL" } as const,
  { location: "MESH_INTERNAL" } as const,
);
/** Some that may add up. */
const family: fc.Arbitrary<readonly Entry[]> = fc
  .record({
    namespace,
    exported,
    sort: fc.oneof(...sorts.map(([weight, ...sort]) => ({ weight, arbitrary: fc.constant(sort) }))),
  })
  .chain(({ namespace, exported, sort: [resolution, hosts, backing] }) => {
    const entry = (made: readonly string[]) =>
      fc.tuple(ports, located, fc.boolean()).chain(([ports, located, isAddressed]) =>
        backing(ports).map((backed): Entry => {
          // Connections to TCP ports are not told apart by host.
          const hosts = ports.some(({ protocol }) => protocol === "TCP") ? made.slice(0, 1) : made;
          const own = hosts.length === 1 && isAddressed ? virtual[hosts[0] ?? ""] : undefined;
          const isUsable = (address: string) => !address.includes("/") || !resolution.startsWith("DNS");
          const addresses = own && { addresses: own.filter(isUsable) };
          return { namespace, hosts, ports, resolution, ...addresses, ...located, ...exported, ...backed };
        }),
      );
    return hosts.chain((made) => fc.array(entry(made), { minLength: 1, maxLength: 3 }));
  });
/** In any order of age. */
const entries = fc
  .array(family, { minLength: 3, maxLength: 5 })
  .map((families) => families.flat())
  .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

const listedPlainly = fc
  .uniqueArray(address, { minLength: 1, maxLength: 2 })
  .map((all) => ({ endpoints: all.map((address) => ({ address })) }));
const service = (namespace: string): fc.Arbitrary<Entry> =>
  fc
    .record({
      second: fc.boolean(),
      targetPort: served,
      exported,
      to: fc.oneof(selecting, listedPlainly),
    })
    .map(({ second, targetPort, exported, to }) => ({
      isService: true,
      namespace,
      hosts: [db(namespace)],
      ports: [80, ...(second ? [numbers[0]] : [])].map((number) => ({
        number,
        name: `http-${number}`,
        protocol: "HTTP",
        targetPort,
      })),
      resolution: "STATIC",
      ...exported,
      ...to,
    }));

const workload: fc.Arbitrary<Workload> = fc
  .tuple(namespace, endpointAt(address, ["http", "alt"]), fc.constantFrom("db", "api"))
  .map(([namespace, endpoint, app]) => ({ namespace, ...endpoint, labels: { ...endpoint.labels, app } }));

/** Only to what somebody has: a new route to anything else would be held back. Whether the client sees it is another matter. */
const routesTo = (entries: readonly Entry[]): fc.Arbitrary<World["routes"]> => {
  const offered: readonly Destination[] = entries.flatMap(({ hosts, ports }) =>
    hosts
      .filter((host) => host.includes(".") && !host.includes("*"))
      .flatMap((host) => [{ host }, ...ports.map(({ number }) => ({ host, port: { number } }))]),
  );
  const destination: fc.Arbitrary<Destination> = fc
    .tuple(
      fc.constantFrom(...offered, ...(offered.length === 0 ? [{ host: nowhere }] : [])),
      fc.constantFrom(undefined, ...Object.keys(subsets)),
    )
    .map(([to, subset]) => ({ ...to, ...(subset && { subset }) }));
  return fc
    .array(destination, { minLength: routed.length, maxLength: routed.length })
    .map((all) => ({ ...lost, ...Object.fromEntries(all.map((each, index) => [routed[index], each])) }));
};

export const worlds: fc.Arbitrary<World> = fc
  .record({
    entries: fc
      .tuple(
        entries,
        ...["shop", "vendor"].map((namespace) => fc.option(service(namespace), { nil: undefined })),
      )
      .map(([entries, ...services]) => [
        always,
        ...entries,
        ...services.filter((each) => each !== undefined),
      ]),
    workloads: fc.array(workload, { minLength: 2, maxLength: 6 }),
  })
  .chain(({ entries, workloads }) =>
    routesTo(entries).map((routes) => ({ entries, workloads, routes, subsets })),
  );

const client = fc.constantFrom("shop", "elsewhere");
export const requests: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      client,
      host: fc.constantFrom(
        ...[...often, ...often, ...local, "y.wild.example", "z.example"],
        ...["10.50.0.1", "10.50.0.2", "10.50.1.9"],
      ),
      port: fc.constantFrom(undefined, undefined, 80, 80, ...numbers),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ client, host: fc.constantFrom(...routed, ...routed, ...Object.keys(lost)) }),
  },
);
