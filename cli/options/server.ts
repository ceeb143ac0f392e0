// Where a running server's pages are, for the commands that ask it something.

import { Option } from "commander";
import { type HostPort, parseHostPort } from "./host-port.ts";

/** `--http HOST:PORT`; the default is that of `fairlead serve`. */
export function serverOption(): Option {
  return new Option("--http <host:port>", "HTTP port of the running server")
    .argParser(parseHostPort)
    .env("FAIRLEAD_HTTP")
    .default({ host: "127.0.0.1", port: 15_014 } satisfies HostPort, "127.0.0.1:15014");
}
