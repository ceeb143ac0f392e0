// What the control plane of the mesh says of itself over HTTP.

import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../envoy/index.ts";
import { addressOf, at, ports } from "../mesh/addresses.ts";

export async function readPage(net: number, path: string): Promise<string> {
  return (await request({ host: addressOf(net, at.plane), port: ports.http14, path })).body;
}

/** The page once it looks like this; whatever it is after ten seconds, for an assertion to show. */
export async function pageLike(net: number, path: string, pattern: RegExp): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const text = await readPage(net, path);
    if (pattern.test(text) || Date.now() > deadline) return text;
    await sleep(50);
  }
}
