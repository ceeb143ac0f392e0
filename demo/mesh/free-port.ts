// Whether an address can be listened on, found out by trying.

import { createServer } from "node:net";
import type { Endpoint } from "../app/index.ts";

/** Undefined when it is free, else the system's code: `EADDRINUSE`, or `EADDRNOTAVAIL` where there is no such address. */
export function whyTaken({ host, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}
