// How a proxy will prove who it is: a token minted from a state directory, or one that was brought along.

import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { BootstrapOptions } from "#agent";
import { openAuthority, renderAuthorityProblem } from "#ca";
import { formatIdentity, type WorkloadIdentity } from "#identity";
import { readPublishedTrustBundle } from "#runtime";
import { CommandFailed, UsageError } from "../exit.ts";
import { defaultStateDir } from "../options/state.ts";
import type { Terminal } from "../terminal.ts";

export interface CredentialFlags {
  readonly state?: string;
  readonly caDir?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly plaintext: boolean;
}

export interface Credentials {
  readonly security: NonNullable<BootstrapOptions["security"]>;
  /** One line for a person, without anything secret. */
  readonly description: string;
}

// In every serving certificate of ours, whatever the host is called.
const serverName = "fairlead";

/** Undefined for plain text. Throws a UsageError when the flags contradict each other or there is nothing to go by. */
export async function findCredentials(
  flags: CredentialFlags,
  identity: WorkloadIdentity,
  terminal: Terminal,
): Promise<Credentials | undefined> {
  const { plaintext, token, ca, caDir, state } = flags;
  if (plaintext) {
    const excess = Object.entries({ state, token, ca, "ca-dir": caDir }).find(
      ([, value]) => value !== undefined,
    );
    if (excess)
      throw new UsageError(`--plaintext and --${excess[0]} exclude each other: plain text proves nothing`);
    return undefined;
  }
  if (token !== undefined) {
    if (state !== undefined)
      throw new UsageError("--token and --state exclude each other: which token is meant?");
    if (ca === undefined)
      throw new UsageError("--token needs --ca FILE: the roots that Fairlead is verified with");
    const security = { serverName, token: await readToken(token, terminal), roots: await readRoots(ca) };
    return { security, description: "Holds a token: keep it from other users." };
  }
  return mint(state ?? (await stateToHand()), flags, identity);
}

async function stateToHand(): Promise<string> {
  const found = await stat(defaultStateDir).catch(() => undefined);
  if (found?.isDirectory()) return defaultStateDir;
  throw new UsageError(
    `how should the proxy prove who it is? Give --state DIR (the directory of \`fairlead serve\`; there is no ${defaultStateDir} here), ` +
      "--token FILE with --ca FILE, or --plaintext to do without identity and mutual TLS",
  );
}

async function mint(
  stateDir: string,
  { ca, caDir }: CredentialFlags,
  identity: WorkloadIdentity,
): Promise<Credentials> {
  const given = ca === undefined ? undefined : await readRoots(ca);
  const opened = await openAuthority({
    stateDir,
    trustDomain: identity.trustDomain,
    ...(caDir === undefined ? {} : { plugged: { kind: "directory", directory: caDir } }),
  });
  if (!opened.ok) throw new CommandFailed(opened.problem.map(renderAuthorityProblem).join("\n"));
  const authority = opened.value;
  authority.close();
  const minted = await authority.mintToken(identity);
  if (!minted.ok) throw new CommandFailed(`${minted.problem.message}: ${minted.problem.detail}`);
  // What a server on this directory serves with, should that be another CA than the directory's own.
  const published = caDir === undefined ? await readPublishedTrustBundle(stateDir) : undefined;
  return {
    security: {
      serverName,
      token: minted.value.token.reveal(),
      roots: given ?? published ?? authority.trustBundlePem,
    },
    description:
      `Holds a token for ${formatIdentity(identity)}, good until ` +
      `${new Date(minted.value.expiresAt).toISOString().slice(0, 10)}: keep it from other users.`,
  };
}

async function readToken(path: string, { stdin }: Terminal): Promise<string> {
  const token = (path === "-" ? await text(stdin) : await readInput(path, "--token")).trim();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
  throw new UsageError(
    `--token: ${path === "-" ? "standard input" : path} does not hold a token (a JWT, eyJ...)`,
  );
}

async function readRoots(path: string): Promise<string> {
  const pem = await readInput(path, "--ca");
  if (pem.includes("PRIVATE KEY"))
    throw new UsageError(`--ca: ${path} holds a private key; only certificates belong there`);
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new UsageError(`--ca: ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
}

async function readInput(path: string, flag: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UsageError(
      `${flag}: ${path} ${missing ? "does not exist" : `cannot be read: ${String(error)}`}`,
    );
  }
}
