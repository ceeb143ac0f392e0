// Loopback addresses that nobody uses, so that a tour can run beside a demo and beside other tours.

import { DemoFailed, whyTaken } from "../mesh/index.ts";

// 127.0.0.x is everybody's, 127.0.1.x the demo's.
const first = 2;
const last = 250;

/** n such that the mesh can have 127.0.n.x. Where the search begins differs by process: two at once rarely meet. */
export async function freeNetwork(): Promise<number> {
  const count = last - first + 1;
  for (let tried = 0; tried < count; tried++) {
    const network = first + ((process.pid + tried) % count);
    const taken = await Promise.all(
      [8080, 15_000].map((port) => whyTaken({ host: `127.0.${network}.10`, port })),
    );
    if (taken.every((why) => why === undefined)) return network;
  }
  throw new DemoFailed("no address 127.0.2.10 to 127.0.250.10 is free for the demo's gateway on port 8080");
}
