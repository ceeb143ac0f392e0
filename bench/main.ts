// `npm run bench`: measures what was asked for and prints it, as tables for people or as JSON for programs. Sets no
// thresholds: the figures are what they are.

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { BenchContext, Benchmark, Figure } from "./benchmark.ts";
import { coldCompile } from "./cold-compile/index.ts";
import { changesToClients, crowd, memoryPerClient } from "./fan-out/index.ts";
import { fileToEnvoy } from "./file-to-envoy/index.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { monotonicMs } from "./monotonic.ts";
import { processStart } from "./process-start/index.ts";
import { type MeshSize, referenceSize } from "./synthetic-mesh.ts";
import { renderTable } from "./table.ts";

const benchmarks: readonly Benchmark[] = [
  coldCompile,
  fileToEnvoy,
  changesToClients,
  memoryPerClient,
  crowd,
  processStart,
];

const usage = `npm run bench -- [options]

  --only 1,3          which benchmarks to run (default: all)
${benchmarks.map(({ number, title }) => `                        ${number}  ${title}`).join("\n")}
  --services N        size of the mesh (default ${referenceSize.services}); --route-sets N and --destination-rules N likewise (${referenceSize.routeSets})
  --clients 1,10,100  numbers of clients for 3; 4 and 5 take the largest
  --changes N         changes per kind and number of clients (default 30)
  --budget SECONDS    time for them, after which fewer must do (default 8)
  --tls               clients come over TLS and get certificates (default: plain text)
  --cpu-prof DIR      write CPU profiles of the measured processes
  --json FILE         write the figures as JSON too
  -o json             print JSON instead of tables
`;

interface BenchReport {
  readonly startedAt: string;
  readonly tookSeconds: number;
  readonly machine: Machine;
  readonly mesh: MeshSize;
  readonly transport: "tls" | "plaintext";
  readonly benchmarks: readonly {
    readonly number: number;
    readonly title: string;
    readonly figures: readonly Figure[];
  }[];
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    services: { type: "string", default: String(referenceSize.services) },
    "route-sets": { type: "string", default: String(referenceSize.routeSets) },
    "destination-rules": { type: "string", default: String(referenceSize.destinationRules) },
    clients: { type: "string", default: "1,10,100" },
    changes: { type: "string", default: "30" },
    budget: { type: "string", default: "8" },
    tls: { type: "boolean", default: false },
    "cpu-prof": { type: "string" },
    json: { type: "string" },
    output: { type: "string", short: "o", default: "text" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) process.stdout.write(usage);
else await runAll();

async function runAll(): Promise<void> {
  const chosen = benchmarks.filter(({ number }) => !values.only || numbersIn(values.only).includes(number));
  const context: BenchContext = {
    numbers: chosen.map(({ number }) => number),
    size: {
      ...referenceSize,
      services: Number(values.services),
      routeSets: Number(values["route-sets"]),
      destinationRules: Number(values["destination-rules"]),
    },
    clients: numbersIn(values.clients),
    changes: Number(values.changes),
    budgetMs: Number(values.budget) * 1000,
    tls: values.tls,
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
    benchmarks: measured,
  };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (values.json !== undefined) await writeFile(values.json, json);
  process.stdout.write(values.output === "json" ? json : footer(report));
}

function numbersIn(list: string): readonly number[] {
  return list.split(",").map(Number);
}

function footer({ machine, mesh, transport, tookSeconds }: BenchReport): string {
  const { cpu, cores, memoryGb, node, loadBefore } = machine;
  return `
${mesh.services} services, ${mesh.routeSets} VirtualServices, ${mesh.destinationRules} DestinationRules; clients over ${transport}
${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}; load before: ${loadBefore} (noise, where it is not near 0); took ${tookSeconds} s
`;
}
