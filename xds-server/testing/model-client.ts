// A model of how Envoy uses delta ADS, for property tests: it subscribes to what it is given, warms clusters on their
// endpoints, keeps its last good state, and comes back after a lost stream with what it had. It has no connection: what
// it says is queued, and what it is told is handed to it.

import { tableOf } from "../cache/resource-types.ts";
import type { DeltaRequest, DeltaResponse } from "../stream/messages.ts";
import { listed, typesByShortName } from "./resources.ts";

const cds = typesByShortName.CDS ?? "";
const eds = typesByShortName.EDS ?? "";
const lds = typesByShortName.LDS ?? "";
const rds = typesByShortName.RDS ?? "";
const vhds = typesByShortName.VHDS ?? "";

/** What a test knows about a version that the client, as a model, does not decode. */
export interface Facts {
  /** The client refuses this version. */
  readonly bad: (typeUrl: string, version: string) => boolean;
  /** The clusters that this version of a route table refers to. */
  readonly clusters: (version: string) => readonly string[];
  /** The domains of this version of a virtual host. */
  readonly domains: (version: string) => readonly string[];
}

/** How it answers a response with something bad in it. */
export interface Temper {
  /** It applies the good part, as Envoy mostly does, or nothing. */
  readonly appliesGoodPart: boolean;
  /** Its message names the bad resources. */
  readonly namesBad: boolean;
}

/**
 * By the model's convention a cluster subscribes to the endpoints of its own name, and a listener `l…` to the routes
 * `r…`, of which `r2` and higher have virtual hosts of their own.
 */
export class ModelClient {
  readonly held = new Map([cds, eds, lds, rds, vhds].map((type) => [type, new Map<string, string>()]));
  readonly said: DeltaRequest[] = [];
  readonly #subscribed = new Map([eds, rds].map((type) => [type, new Set<string>()]));
  /** Clusters that can be sent to; a changed one goes on as it was while its new version warms. */
  readonly #warm = new Set<string>();
  readonly #warming = new Set<string>();
  /** As Envoy does, it goes on listing virtual hosts of tables that it has given up, and forgets what is withdrawn. */
  readonly #listed = new Map<string, string>();
  #asksForHosts = false;
  readonly #facts: Facts;
  #asked = new Set<string>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** A new stream: nothing said on the old one counts. */
  connect(): void {
    this.said.length = 0;
    this.#asked = new Set();
    this.#say(cds, {});
    for (const type of [eds, rds]) {
      const subscribe = [...this.#of(this.#subscribed, type)];
      if (type === rds) this.#say(lds, {});
      if (subscribe.length > 0) this.#say(type, { subscribe });
    }
    if (this.#asksForHosts) this.#say(vhds, { subscribe: ["*"], initialVersions: listed(this.#listed) });
  }

  /** Asks again for something it has, as if it had forgotten it. */
  forget(typeUrl: string, index: number): void {
    const names = [...(this.#subscribed.get(typeUrl) ?? [])];
    const name = names[index % names.length];
    if (name !== undefined) this.#say(typeUrl, { subscribe: [name] });
  }

  /** Says something with the nonce of a response it never got. */
  mumble(typeUrl: string): void {
    if (this.#asked.has(typeUrl)) this.#say(typeUrl, { nonce: "no such nonce" });
  }

  /** Takes a response, and answers it. */
  take(response: DeltaResponse, { appliesGoodPart, namesBad }: Temper): void {
    const { typeUrl, nonce, resources, removed } = response;
    const bad = resources.filter(({ version }) => this.#facts.bad(typeUrl, version));
    const good = bad.length === 0 || appliesGoodPart ? resources.filter((each) => !bad.includes(each)) : [];
    const gone = bad.length === 0 || appliesGoodPart ? removed : [];
    const followUps: DeltaRequest[] = [];
    for (const name of gone) this.#remove(typeUrl, name, followUps);
    for (const { name, version } of good) this.#apply(typeUrl, name, version, followUps);
    const error =
      bad.length > 0
        ? { code: 13, message: namesBad ? `bad: ${bad.map(({ name }) => name)}` : "bad" }
        : undefined;
    this.said.push(request(typeUrl, error ? { nonce, error } : { nonce }), ...followUps);
  }

  /** The clusters that its routes refer to and that it cannot send anything to. */
  brokenRoutes(): readonly string[] {
    const broken: string[] = [];
    for (const [name, version] of [...this.#of(this.held, rds), ...this.#of(this.held, vhds)]) {
      for (const cluster of this.#facts.clusters(version)) {
        if (!this.#of(this.held, cds).has(cluster)) broken.push(`${name} -> ${cluster}, which is not there`);
        else if (!this.#warm.has(cluster)) broken.push(`${name} -> ${cluster}, which was never warm`);
      }
    }
    return broken;
  }

  /** Domains that two virtual hosts of a table have, of which Envoy refuses one. */
  sharedDomains(): readonly string[] {
    const found = new Set<string>();
    const shared: string[] = [];
    for (const [name, version] of this.#of(this.held, vhds)) {
      for (const domain of this.#facts.domains(version)) {
        const key = `${tableOf(name)} ${domain}`;
        if (found.has(key)) shared.push(`${domain} is in ${name} and in another host of its table`);
        found.add(key);
      }
    }
    return shared;
  }

  /** Clusters whose newest version waits for endpoints. */
  stuckClusters(): readonly string[] {
    return [...this.#warming];
  }

  /** The names it is subscribed to. */
  subscribed(typeUrl: string): ReadonlySet<string> {
    return this.#of(this.#subscribed, typeUrl);
  }

  #apply(typeUrl: string, name: string, version: string, followUps: DeltaRequest[]): void {
    if (typeUrl === vhds) this.#listed.set(name, version);
    if (typeUrl === vhds && !this.#of(this.#subscribed, rds).has(tableOf(name))) return;
    if (this.#subscribed.has(typeUrl) && !this.#of(this.#subscribed, typeUrl).has(name)) return;
    this.#of(this.held, typeUrl).set(name, version);
    if (typeUrl === rds && name >= "r2" && !this.#asked.has(vhds)) {
      this.#asksForHosts = true;
      followUps.push(this.#request(vhds, {}));
    }
    if (typeUrl === cds) {
      this.#warming.add(name);
      this.#subscribe(eds, name, followUps);
    }
    if (typeUrl === lds) this.#subscribe(rds, name.replace("l", "r"), followUps);
    if (typeUrl === eds && this.#warming.delete(name)) this.#warm.add(name);
  }

  #remove(typeUrl: string, name: string, followUps: DeltaRequest[]): void {
    // Envoy ignores these removals: what they are about lives as long as what refers to it.
    if (typeUrl === eds || typeUrl === rds) return;
    if (typeUrl === vhds) this.#listed.delete(name);
    this.#of(this.held, typeUrl).delete(name);
    if (typeUrl === cds) {
      this.#warm.delete(name);
      this.#warming.delete(name);
      this.#unsubscribe(eds, name, followUps);
    }
    if (typeUrl === lds) this.#unsubscribe(rds, name.replace("l", "r"), followUps);
  }

  #subscribe(typeUrl: string, name: string, followUps: DeltaRequest[]): void {
    const names = this.#of(this.#subscribed, typeUrl);
    if (names.has(name)) return;
    names.add(name);
    followUps.push(this.#request(typeUrl, { subscribe: [name] }));
  }

  #unsubscribe(typeUrl: string, name: string, followUps: DeltaRequest[]): void {
    if (!this.#of(this.#subscribed, typeUrl).delete(name)) return;
    this.#of(this.held, typeUrl).delete(name);
    if (typeUrl === rds) {
      const hosts = this.#of(this.held, vhds);
      for (const host of [...hosts.keys()]) if (tableOf(host) === name) hosts.delete(host);
    }
    followUps.push(this.#request(typeUrl, { unsubscribe: [name] }));
  }

  #say(typeUrl: string, parts: Partial<DeltaRequest>): void {
    this.said.push(this.#request(typeUrl, parts));
  }

  #request(typeUrl: string, parts: Partial<DeltaRequest>): DeltaRequest {
    const first = !this.#asked.has(typeUrl);
    this.#asked.add(typeUrl);
    return request(
      typeUrl,
      first ? { initialVersions: listed(this.#of(this.held, typeUrl)), ...parts } : parts,
    );
  }

  #of<V>(map: ReadonlyMap<string, V>, typeUrl: string): V {
    const value = map.get(typeUrl);
    if (value === undefined) throw new Error(`the model knows no ${typeUrl}`);
    return value;
  }
}

function request(typeUrl: string, parts: Partial<DeltaRequest>): DeltaRequest {
  return { typeUrl, subscribe: [], unsubscribe: [], initialVersions: new Map(), nonce: "", ...parts };
}
