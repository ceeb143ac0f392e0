// A Node process of a benchmark that is asked questions: requests and replies by number, and messages of its own accord.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

interface Envelope {
  readonly id?: number | undefined;
  readonly body: unknown;
}

export interface Child<Request, Reply> {
  ask<R extends Reply = Reply>(request: Request): Promise<R>;
  readonly pid: number;
  /** Lets it end by itself, so that profiles are written. */
  end(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** `onMessage` gets what the process says without having been asked. Rejects questions once the process has ended. */
export function startChild<Request, Reply, Message = never>(
  file: string,
  args: readonly string[],
  options: { readonly execArgv: readonly string[]; readonly onMessage?: (message: Message) => void },
): Child<Request, Reply> {
  const child: ChildProcess = fork(file, [...args], {
    execArgv: [...options.execArgv],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const waiting = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  let asked = 0;
  child.on("message", ({ id, body }: Envelope) => {
    if (id === undefined) options.onMessage?.(body as Message);
    else {
      waiting.get(id)?.resolve(body as Reply);
      waiting.delete(id);
    }
  });
  const ended = once(child, "exit").then(([code, signal]: (string | number | null)[]) => {
    process.off("exit", kill);
    for (const { reject } of waiting.values()) reject(new Error(`${file} has ended with ${signal ?? code}`));
  });
  return {
    pid: child.pid ?? 0,
    ask<R extends Reply>(request: Request): Promise<R> {
      asked += 1;
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      waiting.set(asked, { resolve, reject });
      child.send({ id: asked, body: request } satisfies Envelope);
      return promise as Promise<R>;
    },
    end: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
    kill: async () => {
      kill();
      await ended;
    },
  };
}

/** The other side: answers each request; the process ends when the benchmark lets go of it. */
export function serveParent<Request, Reply>(answer: (request: Request) => Promise<Reply> | Reply): void {
  process.on("message", async ({ id, body }: Envelope) => {
    process.send?.({ id, body: await answer(body as Request) } satisfies Envelope);
  });
  process.once("disconnect", () => process.exit());
}

/** A message that nobody asked for. */
export function tellParent(body: unknown): void {
  process.send?.({ body } satisfies Envelope);
}
