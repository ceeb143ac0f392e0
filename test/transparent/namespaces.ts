// Network namespaces joined by a bridge, which lives in one of its own: nothing of the machine's own network is touched.
// Needs root and iproute2.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Place {
  readonly name: string;
  readonly address: string;
}

/** Why tests with these tools cannot run here; undefined when they can. */
export function whatIsMissing(
  tools: readonly string[] = ["ip", "iptables-restore", "setpriv"],
): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make network namespaces";
  for (const tool of tools) {
    try {
      execFileSync("which", [tool], { stdio: "ignore" });
    } catch {
      return `${tool} is not installed (apt-get install iproute2 iptables util-linux)`;
    }
  }
  try {
    const probe = `${prefix}probe-${process.pid}`;
    ip("netns", "add", probe);
    ip("netns", "del", probe);
  } catch {
    return "network namespaces cannot be made here";
  }
  return undefined;
}

const prefix = "fl-";
const hostsFolder = "/etc/netns";

/** The namespaces of one test run. `names` goes into every hosts file: host name → addresses. */
export class Network {
  readonly #run = `${prefix}${process.pid}-`;
  readonly #names: readonly string[];
  /** Of each place, its end of the wire at the bridge. */
  readonly #ports = new Map<string, string>();
  #made: readonly string[] = [];

  constructor(names: Readonly<Record<string, readonly string[]>>) {
    this.#names = Object.entries(names).flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}`),
    );
  }

  /** The system's name of a namespace, for `ip netns exec`. */
  nameOf(place: string): string {
    return `${this.#run}${place}`;
  }

  open(places: readonly Place[]): void {
    removeAbandoned();
    process.once("exit", this.close);
    const hub = this.#add("hub");
    ip("-n", hub, "link", "add", "bridge0", "type", "bridge");
    ip("-n", hub, "link", "set", "bridge0", "up");
    places.forEach(({ name, address }, index) => {
      const own = this.#add(name);
      const outer = `port${index}`;
      this.#ports.set(name, outer);
      ip("-n", hub, "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", own);
      ip("-n", hub, "link", "set", outer, "master", "bridge0", "up");
      ip("-n", own, "link", "set", "lo", "up");
      ip("-n", own, "address", "add", `${address}/32`, "dev", "eth0");
      ip("-n", own, "link", "set", "eth0", "up");
      // Every address is on the wire, so that virtual ones have a route until they are redirected.
      ip("-n", own, "route", "add", "default", "dev", "eth0");
      mkdirSync(join(hostsFolder, own), { recursive: true });
      writeFileSync(join(hostsFolder, own, "hosts"), ["127.0.0.1 localhost", ...this.#names, ""].join("\n"));
    });
  }

  /** Takes a place off the bridge: what is sent to it or from it is lost from now on, and nobody is told. */
  unplug(place: string): void {
    ip("-n", this.nameOf("hub"), "link", "set", this.#portOf(place), "nomaster");
  }

  plug(place: string): void {
    ip("-n", this.nameOf("hub"), "link", "set", this.#portOf(place), "master", "bridge0");
  }

  #portOf(place: string): string {
    const port = this.#ports.get(place);
    if (port === undefined) throw new Error(`there is no ${place}`);
    return port;
  }

  #add(place: string): string {
    const name = this.nameOf(place);
    ip("netns", "add", name);
    this.#made = [...this.#made, name];
    return name;
  }

  /** Synchronous, so that it also runs while the process ends. Processes inside must be gone by then. */
  readonly close = (): void => {
    process.off("exit", this.close);
    for (const name of this.#made) remove(name);
    this.#made = [];
  };
}

/** What a run that was killed left behind. */
function removeAbandoned(): void {
  const names = ip("netns", "list")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  for (const name of names) {
    const [, pid] = /^fl-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(pid)) remove(name);
  }
}

function isRunning(pid: string): boolean {
  return readdirSync("/proc").includes(pid);
}

function remove(name: string): void {
  try {
    ip("netns", "del", name);
  } finally {
    rmSync(join(hostsFolder, name), { recursive: true, force: true });
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Puts iptables rules in force inside a namespace. */
export function applyRules(namespace: string, rules: string): void {
  execFileSync("ip", ["netns", "exec", namespace, "iptables-restore", "--noflush"], { input: rules });
}
