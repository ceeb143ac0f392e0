// The thread that writes files for the mesh under load: on its own, so that its pauses are as long as it says, whatever the
// control plane and the clients are busy with.

import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { parentPort } from "node:worker_threads";

/** One thing to do to a file; `pieces` are written with pauses of so many milliseconds between. */
export type Job =
  | { readonly do: "remove"; readonly path: string }
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "rename-over"; readonly path: string; readonly text: string }
  | { readonly do: "pieces"; readonly path: string; readonly text: string; readonly pauseMs: number };

const never = new Int32Array(new SharedArrayBuffer(4));
const pause = (ms: number) => Atomics.wait(never, 0, 0, ms);

function carryOut(job: Job): void {
  switch (job.do) {
    case "remove":
      rmSync(job.path, { force: true });
      return;
    case "write":
      writeFileSync(job.path, job.text);
      return;
    case "rename-over":
      writeFileSync(`${job.path}.tmp`, job.text);
      renameSync(`${job.path}.tmp`, job.path);
      return;
    case "pieces": {
      const file = openSync(job.path, "w");
      const bytes = Buffer.from(job.text);
      const size = Math.ceil(bytes.length / 4);
      for (let start = 0; start < bytes.length; start += size) {
        pause(job.pauseMs);
        writeSync(file, bytes.subarray(start, start + size));
      }
      closeSync(file);
    }
  }
}

parentPort?.on("message", (jobs: readonly Job[]) => {
  for (const job of jobs) carryOut(job);
  parentPort?.postMessage("done");
});
