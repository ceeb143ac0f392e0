// After any interleaving of configuration changes, deliveries, refusals, stale nonces, forgotten resources, lost streams
// and passing time, a modelled Envoy ends with exactly what it should have, and at no moment has a route to a cluster
// that it lacks, or two hosts for one domain.

import { fromBinary } from "@bufbuild/protobuf";
import { VirtualHostSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import test from "ava";
import fc from "fast-check";
import type { ServedResource } from "../cache/resource.ts";
import { tableOf } from "../cache/resource-types.ts";
import {
  changeMembers,
  collectionOf,
  createSnapshot,
  joinCollections,
  laySnapshot,
  membersOf,
  type Snapshot,
} from "../cache/snapshot.ts";
import { type Facts, ModelClient, type Temper } from "../testing/model-client.ts";
import { emptyVersion, resourcesOf, typesByShortName, type World } from "../testing/resources.ts";
import { emptyLedger, type Judge, type Ledger, type LedgerEvent, quarantined, stepLedger } from "./ledger.ts";
import type { DeltaRequest, DeltaResponse } from "./messages.ts";
import { type SessionEvent, type SessionState, startSession, stepSession } from "./session.ts";
import { testimonyOf } from "./testimony.ts";

const [cds, eds, lds, rds, vhds] = ["CDS", "EDS", "LDS", "RDS", "VHDS"].map(
  (short) => typesByShortName[short] ?? "",
) as [string, string, string, string, string];
/** The content that the model refuses. */
const badContent = 9;
const settings = {
  ackTimeoutMs: 15_000,
  removalGraceMs: 500,
  writeTimeoutMs: 20_000,
  resubscribeTimeoutMs: 30_000,
  canaryWaitMs: 100,
  maxResponseBytes: Number.POSITIVE_INFINITY,
};

/** One of two clients of the same software: its session and the wires between them. */
class Actor {
  readonly client: ModelClient;
  readonly judge: Judge;
  session: SessionState;
  toClient: DeltaResponse[] = [];

  constructor(name: string, facts: Facts, at: number) {
    this.client = new ModelClient(facts);
    this.judge = { connectionId: name, nodeId: name, class: "envoy" };
    this.session = this.newSession(at);
  }

  newSession(at: number): SessionState {
    return startSession({
      connectionId: this.judge.connectionId,
      settings,
      secure: true,
      expects: [],
      at,
    });
  }
}

/** Two clients that should have the same, the server between them, and what it knows from their answers. */
class Scene {
  readonly actors: readonly Actor[];
  responses = 0;
  /** Names in responses. */
  sent = 0;
  #now = 0;
  readonly #bad = new Set<string>();
  readonly #routes = new Map<string, readonly string[]>();
  readonly #domains = new Map<string, readonly string[]>();
  #snapshot: Snapshot | undefined;
  readonly #resources = new Map<string, ServedResource>();
  #base: Snapshot | undefined;
  #layered: Snapshot | undefined;
  #ledger: Ledger = emptyLedger;

  constructor() {
    const facts: Facts = {
      bad: (typeUrl, version) => typeUrl !== eds && this.#bad.has(version),
      clusters: (version) => this.#routes.get(version) ?? [],
      domains: (version) => this.#domains.get(version) ?? [],
    };
    this.actors = ["first", "second"].map((name) => new Actor(name, facts, 0));
  }

  actor(who: number): Actor {
    const actor = this.actors[who % this.actors.length];
    if (!actor) throw new Error("no such actor");
    return actor;
  }

  become(world: World): void {
    for (const resource of resourcesOf(world)) {
      const { typeUrl, version, name } = resource;
      this.#note(resource);
      const short = Object.keys(typesByShortName).find((key) => typesByShortName[key] === typeUrl) ?? "";
      const content = world[short]?.[name];
      if ((typeof content === "object" ? content.v : content) === badContent) this.#bad.add(version);
    }
    const resources = resourcesOf(world).map((each) => this.#same(each));
    this.#snapshot = successorOf(this.#snapshot, resources);
    this.#base = successorOf(
      this.#base,
      resources.filter((each) => !isOwn(each)),
    );
    this.#layered = laySnapshot(this.#base, resources.filter(isOwn), this.#layered);
    for (const actor of this.actors) this.#give(actor);
  }

  #note({ typeUrl, version, references, body }: ServedResource): void {
    if (typeUrl === rds || typeUrl === vhds) this.#routes.set(version, references.clusters);
    if (typeUrl === vhds) this.#domains.set(version, fromBinary(VirtualHostSchema, body).domains);
  }

  /** What is equal is one object, as the compiler has it. */
  #same(resource: ServedResource): ServedResource {
    const key = `${resource.typeUrl} ${resource.version}`;
    const known = this.#resources.get(key) ?? resource;
    this.#resources.set(key, known);
    return known;
  }

  /** The second client has the same as the first, some of it in a layer of its own. */
  #give(actor: Actor): void {
    const snapshot = actor === this.actors[0] ? this.#snapshot : this.#layered;
    if (snapshot) this.#step(actor, { kind: "snapshot", snapshot, at: this.#now });
  }

  /** Whether what it should have is known before its first request; it is not where a certificate has to be issued first. */
  reconnect(actor: Actor, early = true): void {
    actor.toClient = [];
    actor.session = actor.newSession(this.#now);
    this.#learn({ kind: "rested", judge: actor.judge });
    actor.client.connect();
    if (!early) for (let requests = 0; requests < 3; requests++) this.hear(actor);
    this.#give(actor);
  }

  hear(actor: Actor): boolean {
    const request = actor.client.said.shift();
    if (request) this.#step(actor, { kind: "request", request, at: this.#now });
    return request !== undefined;
  }

  deliver(actor: Actor, temper: Temper): boolean {
    const response = actor.toClient.shift();
    if (!response) return false;
    actor.client.take(response, temper);
    const broken = [...actor.client.brokenRoutes(), ...actor.client.sharedDomains()];
    if (broken.length > 0) throw new Error(broken.join("; "));
    return true;
  }

  wait(ms: number): void {
    this.#now += ms;
    for (const actor of this.actors) this.#step(actor, { kind: "tick", at: this.#now });
  }

  /** Everything said is heard, everything sent delivered, and all grace periods pass. */
  settle(temper: Temper): void {
    const grace = settings.removalGraceMs;
    const move = (actor: Actor) => this.hear(actor) || this.deliver(actor, temper);
    // A returning client without any routes is given the time to ask for some before its old clusters go.
    for (const pause of [grace, grace, grace, settings.resubscribeTimeoutMs, grace, grace, grace]) {
      while (this.actors.map(move).includes(true));
      this.wait(pause);
    }
  }

  /** Client-side versions against the ones there should be, where they differ. */
  differences(): readonly string[] {
    return this.actors.flatMap(({ client, judge }) => {
      const stuck = client.stuckClusters().map((name) => `${name} is still warming`);
      const different = [cds, eds, lds, rds, vhds].flatMap((typeUrl) => {
        const { resources } = collectionOf(this.#snapshot, typeUrl);
        const held = client.held.get(typeUrl) ?? new Map<string, string>();
        const wildcard = typeUrl === cds || typeUrl === lds;
        const tables = client.subscribed(rds);
        const hosts = () => [...resources.keys()].filter((name) => tables.has(tableOf(name)));
        const wanted =
          typeUrl === vhds
            ? new Set(hosts())
            : wildcard
              ? new Set(resources.keys())
              : client.subscribed(typeUrl);
        const expected = (name: string) =>
          resources.get(name)?.version ?? (typeUrl === eds ? emptyVersion(name) : undefined);
        const names = new Set([...wanted, ...held.keys()]);
        return [...names]
          .filter((name) => held.get(name) !== (wanted.has(name) ? expected(name) : undefined))
          .map((name) => `${typeUrl} ${name}: has ${held.get(name)}, should have ${expected(name)}`);
      });
      return [...stuck, ...different].map((each) => `${judge.nodeId}: ${each}`);
    });
  }

  #step(actor: Actor, event: SessionEvent): void {
    const { state, effects } = stepSession(actor.session, event, this.#ledger.get(actor.judge.class));
    actor.session = state;
    for (const effect of effects) {
      if (effect.kind === "close") throw new Error(`closed: ${effect.message}`);
      if (effect.kind === "send") this.#send(actor, effect.response);
      const testimony = testimonyOf(effect, actor.judge, this.#now);
      if (testimony) this.#learn(testimony);
      if (effect.kind === "send") this.#step(actor, { kind: "written", at: this.#now });
    }
  }

  #send(actor: Actor, response: DeltaResponse): void {
    checkResponse(response);
    for (const each of response.resources) this.#note(each);
    const known = new Set(quarantined(this.#ledger).map(({ typeUrl, version }) => `${typeUrl} ${version}`));
    const bad = response.resources.find(({ typeUrl, version }) => known.has(`${typeUrl} ${version}`));
    if (bad) throw new Error(`${actor.judge.nodeId} is sent ${bad.name}, which is in quarantine`);
    this.responses++;
    this.sent += response.resources.length + response.removed.length;
    actor.toClient.push(response);
  }

  /** Whoever waits for a verdict is told of it. */
  #learn(event: LedgerEvent): void {
    const before = this.#ledger;
    this.#ledger = stepLedger(before, event);
    if (this.#ledger === before || event.kind === "sent") return;
    for (const actor of this.actors) {
      if (actor.session.awaitsUntil !== undefined) this.#step(actor, { kind: "tick", at: this.#now });
    }
  }
}

/** As the runtime makes it: a collection comes from the one before where little is other, and else is made anew. */
function successorOf(before: Snapshot | undefined, resources: readonly ServedResource[]): Snapshot {
  const made = createSnapshot(resources, before);
  const collections = [...made.collections].map(([typeUrl, collection]) => {
    const earlier = collectionOf(before, typeUrl);
    const gone = [...earlier.resources.keys()].filter((name) => !collection.resources.has(name));
    const sameNames = gone.length === 0 && earlier.resources.size === collection.resources.size;
    return [
      typeUrl,
      sameNames || collection.resources.size % 2 === 0
        ? changeMembers(earlier, membersOf(collection), gone)
        : collection,
    ] as const;
  });
  return joinCollections(new Map(collections), before);
}

/** What the second client has in a layer of its own. */
function isOwn({ typeUrl, name }: ServedResource): boolean {
  return (typeUrl === cds && name === "d") || (typeUrl === lds && name >= "l2");
}

function checkResponse({ resources, removed, typeUrl }: DeltaResponse): void {
  const names = [...resources.map(({ name }) => name), ...removed];
  if (new Set(names).size !== names.length)
    throw new Error(`a name twice in one response of ${typeUrl}: ${names}`);
}

type Action =
  | { readonly kind: "become"; readonly world: World }
  | { readonly kind: "reconnect"; readonly who: number; readonly early: boolean }
  /** Messages move: true for one of the client's, false for one of the server's. */
  | {
      readonly kind: "flow";
      readonly who: number;
      readonly steps: readonly boolean[];
      readonly temper: Temper;
    }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "forget"; readonly who: number; readonly type: string; readonly index: number }
  | { readonly kind: "mumble"; readonly who: number; readonly type: string };

const clusterNames = ["a", "b", "c", "d"];

/**
 * A consistent world: routes refer to clusters that are in it; endpoints may be missing. Mostly it has everything. Either domains
 * move between hosts or hosts may be bad: the last good version of one has its domain still, whoever has it now.
 */
function worlds(contents: readonly number[], domains: "moving" | "fixed"): fc.Arbitrary<World> {
  const content = fc.constantFrom(...contents);
  const good = fc.constantFrom(...contents.filter((each) => each !== badContent));
  const hosts = fc.dictionary(
    fc.constantFrom("x", "y", "z"),
    fc.record({
      v: domains === "moving" ? good : content,
      to: fc.subarray(clusterNames, { minLength: 1, maxLength: 1 }),
    }),
    { minKeys: 1, noNullPrototype: true },
  );
  const listener = fc.record({
    v: content,
    routes: content,
    to: fc.subarray(clusterNames, { minLength: 1, maxLength: 2 }),
    present: fc.nat(7),
    hosts,
    turn: domains === "moving" ? fc.nat(2) : fc.constant(0),
  });
  return fc
    .record({
      clusters: fc.dictionary(fc.constantFrom(...clusterNames), content, { noNullPrototype: true }),
      endpoints: fc.dictionary(fc.constantFrom(...clusterNames), fc.constantFrom(1, 2), {
        noNullPrototype: true,
      }),
      listeners: fc.tuple(listener, listener, listener, listener),
    })
    .map(({ clusters, endpoints, listeners }) => {
      const present = listeners
        .map((each, index) => ({ ...each, name: index }))
        .filter((each) => each.present > 0);
      // Tables from the third on have virtual hosts of their own.
      const whole = present.filter(({ name }) => name < 2);
      const parted = present.filter(({ name }) => name >= 2);
      const used = [
        ...whole.flatMap(({ to }) => to),
        ...parted.flatMap((each) => Object.values(each.hosts).flatMap(({ to }) => to)),
      ];
      const needed = Object.fromEntries(used.map((name) => [name, 1] as const));
      return {
        CDS: { ...needed, ...clusters },
        EDS: endpoints,
        LDS: Object.fromEntries(present.map(({ name, v }) => [`l${name}`, v])),
        RDS: Object.fromEntries([
          ...whole.map(({ name, routes, to }) => [`r${name}`, { v: routes, to }]),
          ...parted.map(({ name }) => [`r${name}`, 1]),
        ]),
        VHDS: Object.fromEntries(
          parted.flatMap(({ name, hosts, turn }) =>
            Object.entries(hosts).map(([host, content]) => [
              `r${name}/${host}`,
              { ...content, at: `${"xyz".at(("xyz".indexOf(host) + turn) % 3)}.example` },
            ]),
          ),
        ),
      };
    });
}

const tempers: fc.Arbitrary<Temper> = fc.record({ appliesGoodPart: fc.boolean(), namesBad: fc.boolean() });

const who = fc.nat(1);

/**
 * Domains move at clients that come back, or where clusters are bad. Of a host that uses a refused cluster, a client keeps what it came
 * back with, and nobody knows what domains that has (decision 0007).
 */
const actions = (domains: "moving" | "fixed"): fc.Arbitrary<readonly Action[]> =>
  domains === "fixed"
    ? stories([1, 1, 2, badContent], domains, true)
    : fc.oneof(stories([1, 1, 2, badContent], domains, false), stories([1, 1, 2], domains, true));

const stories = (
  contents: readonly number[],
  domains: "moving" | "fixed",
  reconnects: boolean,
): fc.Arbitrary<readonly Action[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("become" as const), world: worlds(contents, domains) }),
      },
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant("flow" as const),
          who,
          steps: fc.array(fc.boolean()),
          temper: tempers,
        }),
      },
      {
        weight: reconnects ? 1 : 0,
        arbitrary: fc.record({ kind: fc.constant("reconnect" as const), who, early: fc.boolean() }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(100, 400) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("forget" as const),
          who,
          type: fc.constantFrom(eds, rds),
          index: fc.nat(3),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("mumble" as const),
          who,
          type: fc.constantFrom(cds, eds, lds, rds, vhds),
        }),
      },
    ),
    { maxLength: 40 },
  );

function perform(scene: Scene, action: Action): void {
  const actor = scene.actor("who" in action ? action.who : 0);
  switch (action.kind) {
    case "become":
      scene.become(action.world);
      break;
    case "flow":
      for (const fromClient of action.steps)
        fromClient ? scene.hear(actor) : scene.deliver(actor, action.temper);
      break;
    case "reconnect":
      scene.reconnect(actor, action.early);
      break;
    case "wait":
      scene.wait(action.ms);
      break;
    case "forget":
      actor.client.forget(action.type, action.index);
      break;
    case "mumble":
      actor.client.mumble(action.type);
      break;
  }
}

for (const domains of ["fixed", "moving"] as const)
  test(`a modelled Envoy ends with what it should have and never has a route to a cluster it lacks: domains ${domains}`, (t) => {
    const numRuns = Number(process.env.FAIRLEAD_PROPERTY_RUNS ?? 2_000);
    const good = worlds([1, 2], domains);
    fc.assert(
      fc.property(good, actions(domains), good, tempers, (first, story, last, temper) => {
        const scene = new Scene();
        for (const actor of scene.actors) scene.reconnect(actor);
        scene.become(first);
        scene.settle(temper);
        for (const action of story) perform(scene, action);
        scene.become(last);
        scene.settle(temper);
        const differences = scene.differences();
        if (differences.length > 0) throw new Error(differences.join("\n"));
        const before = scene.responses;
        scene.settle(temper);
        if (scene.responses !== before) throw new Error("responses go on without a change");
      }),
      { numRuns, includeErrorInReport: true },
    );
    t.pass();
  });

test("a refused configuration is not sent again and again", (t) => {
  fc.assert(
    fc.property(worlds([1, 2, badContent], "fixed"), tempers, (world, temper) => {
      const scene = new Scene();
      for (const actor of scene.actors) scene.reconnect(actor);
      scene.become(world);
      scene.settle(temper);
      const before = scene.responses;
      scene.settle(temper);
      if (scene.responses !== before) throw new Error("responses go on without a change");
      // Each response with something bad is halved at worst: no more than two per resource, and one per type to begin.
      if (before > 2 * 4 * 2 * 16) throw new Error(`${before} responses`);
    }),
    { numRuns: 500, includeErrorInReport: true },
  );
  t.pass();
});

test("the model notices a route to a cluster that is not there", (t) => {
  const scene = new Scene();
  scene.become({ RDS: { r1: { v: 1, to: ["a"] } } });
  const { client } = scene.actor(0);
  client.connect();
  const route = resourcesOf({ LDS: { l1: 1 }, RDS: { r1: { v: 1, to: ["a"] } } });
  const temper: Temper = { appliesGoodPart: true, namesBad: true };
  const tell = (typeUrl: string) => {
    const resources = route.filter((each) => each.typeUrl === typeUrl);
    client.take({ typeUrl, nonce: "1", systemVersion: "", resources, removed: [] }, temper);
  };
  tell(lds);
  tell(rds);
  t.deepEqual(client.brokenRoutes(), ["r1 -> a, which is not there"]);
  const requests: readonly DeltaRequest[] = client.said;
  t.true(requests.some(({ typeUrl, subscribe }) => typeUrl === rds && subscribe.includes("r1")));
});
