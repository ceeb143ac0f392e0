// Asks a running server for one of its pages. In: where it is. Out: the page's JSON, or why there is none, in words that
// say what to do.

import { CommandFailed } from "../exit.ts";
import { formatHostPort, type HostPort } from "../options/host-port.ts";

const patienceMs = 10_000;

/** Nothing answers there; it may be about to. */
export class ServerUnreachable extends CommandFailed {}

/** The caller knows the page's shape. Throws a `ServerUnreachable`, or a `CommandFailed` for an answer that is no such page. */
export async function askServer<Page>(at: HostPort, path: string): Promise<Page> {
  const place = formatHostPort(at);
  let status: number;
  let body: string;
  try {
    const response = await fetch(`http://${place}${path}`, { signal: AbortSignal.timeout(patienceMs) });
    status = response.status;
    body = await response.text();
  } catch (error) {
    throw new ServerUnreachable(
      `no answer from Fairlead at ${place} (${reasonOf(error)}); is \`fairlead serve\` running? --http HOST:PORT says where`,
    );
  }
  if (status !== 200) throw new CommandFailed(`${place}${path}: ${status} ${body.trim()}`);
  try {
    return JSON.parse(body) as Page;
  } catch {
    throw new CommandFailed(
      `what listens on ${place} is not Fairlead's HTTP port (15014 unless --http says otherwise)`,
    );
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
