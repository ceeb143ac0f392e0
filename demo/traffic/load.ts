// A steady, small load through the gateway, so that there is something to see. Sends whether or not earlier requests have been
// answered, as visitors do.

import { call, readAnswer } from "../app/index.ts";
import { observe, tester, type Visitor } from "./observe.ts";
import type { Observation } from "./tally.ts";

export interface LoadOptions {
  readonly url: string;
  readonly perSecond: number;
  report(observations: readonly Observation[]): void;
}

// Enough for requests that wait some seconds; beyond that, new ones would only add to the trouble.
const mostAtOnce = 100;
// Every so many requests one is the tester's.
const testerEvery = 5;

/** Returns how to stop it. */
export function startLoad({ url, perSecond, report }: LoadOptions): () => void {
  let sent = 0;
  let open = 0;
  const visit = async (visitor: Visitor) => {
    open++;
    const page = await call({ url, headers: visitor.name === undefined ? {} : { "end-user": visitor.name } });
    open--;
    report(observe(page, readAnswer(page.body), visitor, Date.now()));
  };
  const timer = setInterval(() => {
    if (open >= mostAtOnce) return;
    sent++;
    void visit(sent % testerEvery === 0 ? tester : {});
  }, 1000 / perSecond);
  return () => clearInterval(timer);
}
