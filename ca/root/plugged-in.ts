// An operator's own CA. In: a directory of PEM files, four named files, or the data of a Secret, by Istio's names. Out:
// the issuer, or everything that is wrong with them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { Redacted } from "../secrets/redacted.ts";
import type { AuthorityProblem } from "./authority-problem.ts";
import { buildIssuer, type Issuer, type Piece } from "./issuer.ts";

/** The four pieces by the names that Istio gives them in a directory and in the Secret `cacerts`. */
export const pluggedInNames = {
  root: "root-cert.pem",
  certificate: "ca-cert.pem",
  key: "ca-key.pem",
  chain: "cert-chain.pem",
} as const;

// What cert-manager and `kubectl create secret tls` write; Istio reads these too.
const tlsNames = { root: "ca.crt", certificate: "tls.crt", key: "tls.key", chain: "cert-chain.pem" } as const;

/** Where each piece lies; the chain may be left out where the CA certificate is signed by the root itself. */
export interface PluggedInPaths {
  readonly root: string;
  readonly certificate: string;
  readonly key: string;
  readonly chain?: string | undefined;
}

/** An operator's own CA, as it was given. */
export type PluggedIn =
  /** A directory that holds the four files by Istio's names. */
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "files"; readonly paths: PluggedInPaths }
  /** A Kubernetes Secret: `data` as the API has it (base64), or already as bytes. `name` is for messages only. */
  | {
      readonly kind: "secret";
      readonly name: string;
      readonly data: Readonly<Record<string, string | Uint8Array>>;
    };

type Pieces = Readonly<Record<keyof PluggedInPaths, Piece<Redacted<string>> | undefined>>;

/** Reads and checks an operator's CA. `now` in epoch milliseconds. */
export async function openPluggedIn(
  plugged: PluggedIn,
  now: number,
): Promise<Outcome<Issuer, readonly AuthorityProblem[]>> {
  const pieces = await gather(plugged);
  if (!pieces.ok) return pieces;
  const { root, certificate, key, chain } = pieces.value;
  if (!root || !certificate || !key) throw new Error("gathered pieces are complete");
  const open = ({ where, text }: Piece<Redacted<string>>): Piece => ({ where, text: text.reveal() });
  const material = { root: open(root), certificate: open(certificate), chain: chain && open(chain), key };
  return buildIssuer(material, now);
}

async function gather(plugged: PluggedIn): Promise<Outcome<Pieces, readonly AuthorityProblem[]>> {
  switch (plugged.kind) {
    case "directory": {
      const at = (name: string): string => join(plugged.directory, name);
      const { root, certificate, key, chain } = pluggedInNames;
      return fromFiles({ root: at(root), certificate: at(certificate), key: at(key), chain: at(chain) });
    }
    case "files":
      return fromFiles(plugged.paths);
    case "secret":
      return fromSecret(plugged.name, plugged.data);
  }
}

async function fromFiles(paths: PluggedInPaths): Promise<Outcome<Pieces, readonly AuthorityProblem[]>> {
  const problems: AuthorityProblem[] = [];
  const read = async (where: string, required: boolean): Promise<Piece<Redacted<string>> | undefined> => {
    try {
      return { where, text: new Redacted(await readFile(where, "utf8")) };
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (missing && !required) return undefined;
      const message = missing
        ? "there is no such file"
        : error instanceof Error
          ? error.message
          : "unreadable";
      problems.push({ code: missing ? "missing" : "unreadable", where, message, help: needed });
      return undefined;
    }
  };
  const pieces: Pieces = {
    root: await read(paths.root, true),
    certificate: await read(paths.certificate, true),
    key: await read(paths.key, true),
    chain: paths.chain === undefined ? undefined : await read(paths.chain, false),
  };
  return problems.length > 0 ? refuse(problems) : accept(pieces);
}

function fromSecret(
  name: string,
  data: Readonly<Record<string, string | Uint8Array>>,
): Outcome<Pieces, readonly AuthorityProblem[]> {
  const istio = Object.hasOwn(data, pluggedInNames.certificate) || !Object.hasOwn(data, tlsNames.certificate);
  const names = istio ? pluggedInNames : tlsNames;
  const problems: AuthorityProblem[] = [];
  const read = (key: string, required: boolean): Piece<Redacted<string>> | undefined => {
    const where = `Secret ${name}, key ${key}`;
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    if (value !== undefined) return { where, text: new Redacted(decode(value)) };
    if (required)
      problems.push({ code: "missing", where, message: "the Secret has no such key", help: needed });
    return undefined;
  };
  const pieces: Pieces = {
    root: read(names.root, true),
    certificate: read(names.certificate, true),
    key: read(names.key, true),
    chain: read(names.chain, false),
  };
  return problems.length > 0 ? refuse(problems) : accept(pieces);
}

const needed =
  "A plugged-in CA needs root-cert.pem, ca-cert.pem and ca-key.pem, and cert-chain.pem if there are more.";

function decode(value: string | Uint8Array): string {
  return typeof value === "string"
    ? Buffer.from(value, "base64").toString("utf8")
    : Buffer.from(value).toString("utf8");
}
