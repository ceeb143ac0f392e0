// A terminal that remembers, and folders of files, so that commands can be tested without a process of their own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { ExecutionContext } from "ava";
import picocolors from "picocolors";
import { runCli } from "../run.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function runInProcess(
  argv: readonly string[],
  options: { readonly stdin?: string; readonly color?: boolean } = {},
): Promise<Outcome> {
  let out = "";
  let err = "";
  const code = await runCli(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outColors: picocolors.createColors(options.color ?? false),
    errColors: picocolors.createColors(false),
    errIsTerminal: false,
    stdin: Readable.from([Buffer.from(options.stdin ?? "")]),
    env: process.env,
  });
  return { code, out, err };
}

/** A new folder with these files, gone after the test. */
export function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-cli-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, files);
  return folder;
}

/** Writes or overwrites files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** A service `reviews` with two versions, each a workload, and a route that splits 80 to 20 between them. */
export const reviews: Readonly<Record<string, string>> = {
  "mesh/services.yaml": `apiVersion: v1
kind: Service
metadata:
  name: reviews
spec:
  selector:
    app: reviews
  ports:
    - name: http
      port: 9080
`,
  "mesh/workloads.yaml": ["v1", "v2"]
    .map(
      (version, index) => `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: reviews-${version}
spec:
  address: 10.0.0.${index + 1}
  serviceAccount: reviews
  labels:
    app: reviews
    version: ${version}
`,
    )
    .join("---\n"),
  "policy/reviews.yaml": `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
spec:
  host: reviews
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts:
    - reviews
  http:
    - route:
        - destination:
            host: reviews
            subset: v1
          weight: 80
        - destination:
            host: reviews
            subset: v2
          weight: 20
`,
};

/** The same with other weights. */
export function withWeights(v1: number, v2: number): Readonly<Record<string, string>> {
  const text = reviews["policy/reviews.yaml"] ?? "";
  const changed = text.replace("weight: 80", `weight: ${v1}`).replace("weight: 20", `weight: ${v2}`);
  return { ...reviews, "policy/reviews.yaml": changed };
}
