// `node setup/run.mjs bench/profile-top.ts FILE.cpuprofile [FROM-MS]`: where the time of a CPU profile went, by function: on
// its own, and with everything that it called. FROM-MS leaves out the start.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

const [file = "", from = "0"] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(file, "utf8"));
const byId = new Map(nodes.map((node) => [node.id, node]));
const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const place = url.startsWith("file:") ? relative(root, fileURLToPath(url)) : url;
  return `${functionName || "(anonymous)"}${place === "" ? "" : ` ${place}:${lineNumber + 1}`}`;
}

/** The functions on the stack of a node, each once. */
function stackOf(id: number): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const node = byId.get(at);
    if (node) names.add(nameOf(node));
  }
  return names;
}

const own = new Map<string, number>();
const whole = new Map<string, number>();
const perNode = new Map<number, number>();
let clock = 0;
let total = 0;
for (const [index, id] of samples.entries()) {
  const took = (timeDeltas[index] ?? 0) / 1000;
  clock += took;
  if (clock >= Number(from)) perNode.set(id, (perNode.get(id) ?? 0) + took);
}
for (const [id, took] of perNode) {
  const node = byId.get(id);
  if (!node || node.callFrame.functionName === "(idle)") continue;
  total += took;
  own.set(nameOf(node), (own.get(nameOf(node)) ?? 0) + took);
  for (const name of stackOf(id)) whole.set(name, (whole.get(name) ?? 0) + took);
}

function top(title: string, times: ReadonlyMap<string, number>, count: number): void {
  process.stdout.write(`\n${title}\n`);
  for (const [name, took] of [...times].sort((a, b) => b[1] - a[1]).slice(0, count)) {
    process.stdout.write(
      `${took.toFixed(0).padStart(8)} ms ${((100 * took) / total).toFixed(1).padStart(5)} %  ${name}\n`,
    );
  }
}

process.stdout.write(`${total.toFixed(0)} ms busy of ${(clock - Number(from)).toFixed(0)} ms\n`);
top("by itself", own, 30);
top("with what it calls", whole, 60);
