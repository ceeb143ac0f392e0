// `npm run bench`: measures what was asked for and prints it, as tables for people or as JSON for programs. Sets no
// thresholds: the figures are what they are.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { BenchContext, Benchmark, Figure } from "./benchmark.ts";
import { canaryCost } from "./canary-cost/index.ts";
import { changeCost } from "./change-cost/index.ts";
import { coldCompile } from "./cold-compile/index.ts";
import { eachEdit } from "./each-edit/index.ts";
import { changesToClients, crowd, memoryPerClient } from "./fan-out/index.ts";
import { fileToEnvoy } from "./file-to-envoy/index.ts";
import { istiod } from "./istiod/index.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { manyClients } from "./many-clients/index.ts";
import { manyServices } from "./many-services/index.ts";
import { monotonicMs } from "./monotonic.ts";
import { mostConnections } from "./open-files.ts";
import { processStart } from "./process-start/index.ts";
import { reconnectStorm } from "./reconnect-storm/index.ts";
import { type Held, holdAgainstTargets, renderSummary } from "./summary.ts";
import { type MeshSize, referenceSize } from "./synthetic-mesh.ts";
import { renderTable } from "./table.ts";

const benchmarks: readonly Benchmark[] = [
  coldCompile,
  fileToEnvoy,
  changesToClients,
  memoryPerClient,
  crowd,
  processStart,
  manyClients,
  manyServices,
  changeCost,
  reconnectStorm,
  eachEdit,
  istiod,
  canaryCost,
];

const plotFile = fileURLToPath(new URL("../docs/change-cost.svg", import.meta.url));

const usage = `npm run bench -- [options]

  --only 1,3          which benchmarks to run (default: all but 12 and 13)
  --services N        size of the mesh (default ${referenceSize.services}); --route-sets N and --destination-rules N likewise (${referenceSize.routeSets})
  --clients 1,10,100  numbers of clients for 3; 4 and 5 take the largest
  --crowds 1000,5000  numbers of clients for 7
  --clients-per-process N
                      before another process takes further ones (default: as many as may have files open)
  --many-services N   size of the mesh for 8 (default 10000)
  --plot-sizes 100,300,1000,3000,10000
                      sizes of the mesh for 9; a tenth as many VirtualServices and DestinationRules, there and in 8
  --plot FILE.svg     where 9 draws what it found, with its numbers in FILE.json (default docs/change-cost.svg)
  --movers N          clients that move in 10 (default 1000)
  --changes N         changes per kind and number of clients (default 30)
  --budget SECONDS    time for them, after which fewer must do (default 8)
  --tls               clients come over TLS and get certificates (default: plain text)
  --no-vhds           clients do not take virtual hosts one by one (default: they do, as Envoy 1.40)
  --no-canary         a change goes to all clients at once (default: to one first, and to the others when that has accepted it)
  --pin               the server and the clients have a core each, as on machines of their own (needs taskset)
  --cpu-prof DIR      write CPU profiles of the measured processes
  --json FILE         write the figures as JSON too
  -o json             print JSON instead of tables

Benchmarks
${benchmarks.map(({ number, title, about }) => `  ${String(number).padStart(2)}  ${title}: ${about}`).join("\n")}

At the end, what was measured at the sizes of the targets stands beside them and beside istiod's figures.
`;

interface BenchReport {
  readonly startedAt: string;
  readonly tookSeconds: number;
  readonly machine: Machine;
  readonly mesh: MeshSize;
  readonly transport: "tls" | "plaintext";
  readonly vhds: boolean;
  readonly canary: boolean;
  readonly pinned: boolean;
  readonly benchmarks: readonly {
    readonly number: number;
    readonly title: string;
    readonly figures: readonly Figure[];
  }[];
  readonly targets: readonly Held[];
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    services: { type: "string", default: String(referenceSize.services) },
    "route-sets": { type: "string", default: String(referenceSize.routeSets) },
    "destination-rules": { type: "string", default: String(referenceSize.destinationRules) },
    clients: { type: "string", default: "1,10,100" },
    crowds: { type: "string", default: "1000,5000" },
    "clients-per-process": { type: "string", default: String(mostConnections()) },
    "many-services": { type: "string", default: "10000" },
    "plot-sizes": { type: "string", default: "100,300,1000,3000,10000" },
    plot: { type: "string", default: plotFile },
    movers: { type: "string", default: "1000" },
    changes: { type: "string", default: "30" },
    budget: { type: "string", default: "8" },
    tls: { type: "boolean", default: false },
    "no-vhds": { type: "boolean", default: false },
    "no-canary": { type: "boolean", default: false },
    pin: { type: "boolean", default: false },
    "cpu-prof": { type: "string" },
    json: { type: "string" },
    output: { type: "string", short: "o", default: "text" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) process.stdout.write(usage);
else await runAll();

async function runAll(): Promise<void> {
  const chosen = benchmarks.filter(({ number, onDemand }) =>
    values.only ? numbersIn(values.only).includes(number) : !onDemand,
  );
  const context: BenchContext = {
    numbers: chosen.map(({ number }) => number),
    size: {
      ...referenceSize,
      services: Number(values.services),
      routeSets: Number(values["route-sets"]),
      destinationRules: Number(values["destination-rules"]),
    },
    clients: numbersIn(values.clients),
    crowds: numbersIn(values.crowds),
    clientsPerProcess: Number(values["clients-per-process"]),
    manyServices: Number(values["many-services"]),
    plotSizes: numbersIn(values["plot-sizes"]),
    plotFile: values.plot,
    movers: Number(values.movers),
    changes: Number(values.changes),
    budgetMs: Number(values.budget) * 1000,
    tls: values.tls,
    vhds: !values["no-vhds"],
    canary: !values["no-canary"],
    pin: values.pin,
    ...(values["cpu-prof"] === undefined ? {} : { profileFolder: values["cpu-prof"] }),
    say: (line) => process.stderr.write(`bench: ${line}\n`),
  };
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const started = monotonicMs();
  const measured: BenchReport["benchmarks"][number][] = [];
  for (const { number, title, run } of chosen) {
    const figures = await run(context);
    measured.push({ number, title, figures });
    if (values.output !== "json") process.stdout.write(`\n${renderTable(`(${number}) ${title}`, figures)}`);
  }
  const report: BenchReport = {
    startedAt,
    tookSeconds: Math.round((monotonicMs() - started) / 1000),
    machine,
    mesh: context.size,
    transport: context.tls ? "tls" : "plaintext",
    vhds: context.vhds,
    canary: context.canary,
    pinned: context.pin,
    benchmarks: measured,
    targets: isReference(context.size) ? holdAgainstTargets(measured.flatMap(({ figures }) => figures)) : [],
  };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (values.json !== undefined) await writeFile(values.json, json);
  process.stdout.write(values.output === "json" ? json : footer(report));
}

/** Targets are for one size of the mesh. */
function isReference({ services, routeSets, destinationRules }: MeshSize): boolean {
  return (
    services === referenceSize.services &&
    routeSets === referenceSize.routeSets &&
    destinationRules === referenceSize.destinationRules
  );
}

function numbersIn(list: string): readonly number[] {
  return list.split(",").map(Number);
}

function footer({
  machine,
  mesh,
  transport,
  vhds,
  canary,
  pinned,
  tookSeconds,
  targets,
}: BenchReport): string {
  const { cpu, cores, memoryGb, node, loadBefore } = machine;
  const summary = renderSummary(targets);
  const hosts = vhds ? "with" : "without";
  const apart = pinned ? ", with a core for the server and one for the clients" : "";
  const first = canary ? "" : ", without canaries";
  return `${summary === "" ? "" : `\n${summary}`}
${mesh.services} services, ${mesh.routeSets} VirtualServices, ${mesh.destinationRules} DestinationRules; clients over ${transport}, ${hosts} VHDS${first}${apart}
${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}; load before: ${loadBefore} (noise, where it is not near 0); took ${tookSeconds} s
`;
}
