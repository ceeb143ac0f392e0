// An application without an Envoy, as a process of its own: gRPC's xDS client never lets go of its server, so that no process
// with one ends by itself. Started as a program it makes the calls that its parent asks for.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type CallOptions, ReviewsClient } from "./grpc-service.ts";

interface Order extends CallOptions {
  readonly id: number;
  readonly target: string;
  readonly calls: number;
}

interface Report {
  readonly id: number;
  readonly answers: readonly string[];
}

export class Caller {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answers: readonly string[]) => void>();
  #orders = 0;

  /** `bootstrap`: the file that gRPC reads. */
  constructor(bootstrap: string) {
    const env = { ...process.env, GRPC_XDS_BOOTSTRAP: bootstrap };
    this.#child = fork(fileURLToPath(import.meta.url), { env });
    this.#child.on("message", ({ id, answers }: Report) => {
      this.#waiting.get(id)?.(answers);
      this.#waiting.delete(id);
    });
  }

  /** As `ReviewsClient.call`, from there. */
  async call(target: string, options: CallOptions = {}): Promise<string> {
    const [answer = ""] = await this.#calls(target, 1, options);
    return answer;
  }

  /** How often each version answered, in order of version. */
  async tally(target: string, calls: number, options: CallOptions = {}): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    const answers = await this.#calls(target, calls, options);
    for (const answer of answers.toSorted()) counts[answer] = (counts[answer] ?? 0) + 1;
    return counts;
  }

  #calls(target: string, calls: number, options: CallOptions): Promise<readonly string[]> {
    const id = ++this.#orders;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, target, calls, ...options } satisfies Order);
    });
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send) {
  const { register } = await import("@grpc/grpc-js-xds");
  register();
  const clients = new Map<string, ReviewsClient>();
  process.on("disconnect", () => process.exit());
  process.on("message", async ({ id, target, calls, ...options }: Order) => {
    const client = clients.get(target) ?? new ReviewsClient(target);
    clients.set(target, client);
    const answers = await Promise.all(Array.from({ length: calls }, () => client.call(options)));
    process.send?.({ id, answers } satisfies Report);
  });
}
