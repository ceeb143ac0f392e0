// Asks istiod's code what it would send. In: policy and proxies. Out: each proxy's configuration, or why istiod refuses.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { MeshProxy } from "#compiler";
import { asIfStored } from "./api-server.ts";
import type { Configuration } from "./views.ts";

export interface Question {
  readonly texts: readonly string[];
  /** The text of a mesh config; Istio's defaults when absent. */
  readonly meshConfig?: string | undefined;
  readonly proxies: readonly MeshProxy[];
}

export type Answer = { readonly nodes: readonly Configuration[] } | { readonly error: string };

export interface Oracle {
  /** One question at a time. */
  ask(question: Question): Promise<Answer>;
  end(): void;
}

export function startOracle(program: string): Oracle {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async ({ texts, meshConfig, proxies }) => {
      const request = { config: asIfStored(texts), mesh: meshConfig ?? "", nodes: proxies.map(nodeFor) };
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the program that runs istiod's code has ended");
      return JSON.parse(value) as Answer;
    },
    end: () => void child.stdin.end(),
  };
}

function nodeFor(proxy: MeshProxy) {
  const { name, namespace, labels, serviceAccount, interceptionMode, locality } = proxy;
  return {
    type: proxy.type === "router" ? "router" : "sidecar",
    // istiod knows no proxies without an address. This one is nobody's.
    ip: proxy.ip || "10.99.99.99",
    ...{ name, namespace, labels, serviceAccount, interceptionMode, locality },
  };
}
