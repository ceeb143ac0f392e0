// `HOST:PORT` as it is written on a command line.

import { InvalidArgumentError } from "commander";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Parses `127.0.0.1:15010`, `[::1]:15010`, `localhost:0` and `:15010` (all addresses of this machine). */
export function parseHostPort(text: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new InvalidArgumentError("HOST:PORT is needed, such as 127.0.0.1:15010 or [::1]:15010.");
  }
  const host = bracketed ?? plain ?? "";
  return { host: host === "" ? "0.0.0.0" : host, port };
}

/** The inverse of `parseHostPort`. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
