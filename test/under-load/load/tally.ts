// What became of the load. In: every request's end, every stream's end. Out: counts, and each failure with its time, so
// that it can be laid beside the changes.

/** What went wrong with a request, or a stream that was open. */
export interface Failure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly flow: string;
  /** An HTTP status other than 200, or the error of the connection. */
  readonly what: string;
}

/** One kind of traffic. */
export interface FlowTally {
  readonly name: string;
  /** The listeners that its connections pass, as `proxy: listener`: what drains one of them may cut them. */
  readonly listeners: readonly string[];
  /** Requests answered, messages echoed. */
  ok: number;
  readonly failures: Failure[];
  /** Streams and connections that were open when they were closed on the client. */
  readonly cuts: Failure[];
  /** New streams or connections, the first ones included. */
  opened: number;
}

export function newTally(name: string, listeners: readonly string[] = []): FlowTally {
  return { name, listeners, ok: 0, failures: [], cuts: [], opened: 0 };
}

export function fail(tally: FlowTally, what: string): void {
  tally.failures.push({ at: Date.now(), flow: tally.name, what });
}

export function cut(tally: FlowTally, what: string): void {
  tally.cuts.push({ at: Date.now(), flow: tally.name, what });
}

/** A kind of traffic under way. */
export interface Flow {
  readonly tally: FlowTally;
  /** Sends nothing more, waits for the answers under way, closes. */
  stop(): Promise<void>;
}

const patienceMs = 8000;

/**
 * Calls back when nothing has come for eight seconds; the result cancels it. Looks twice: after a pause of this process timers
 * come before the answers that have been waiting in its sockets.
 */
export function patience(giveUp: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(giveUp, 1000);
  }, patienceMs);
  return () => clearTimeout(timer);
}

/** Calls back at a steady rate, whatever becomes of the calls: a slow answer must not spare the next request. */
export function steadily(perSecond: number, send: () => Promise<void>): { stop(): Promise<void> } {
  const open = new Set<Promise<void>>();
  const gap = 1000 / perSecond;
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(
    () => {
      const due = Math.floor((performance.now() - start) / gap);
      // After a pause of the machine the requests that were missed are not made up for all at once.
      if (due - sent > 5) sent = due - 5;
      for (; sent < due; sent++) {
        const one = send().finally(() => open.delete(one));
        open.add(one);
      }
    },
    Math.max(2, gap / 2),
  );
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}
