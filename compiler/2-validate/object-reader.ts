// The reader that a kind decodes with: collects what is wrong with one object, once per place.

import type { Path, RawObject } from "../1-parse/index.ts";
import { type Code, catalogue, type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Reader } from "../kinds/kind.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { Origin } from "../model/origin.ts";

export interface ObjectReader extends Reader {
  readonly diagnostics: readonly Diagnostic[];
  /** Whether something was reported at the path or below it. */
  hasReported(path: Path): boolean;
}

/**
 * `settled` are places that something has been said about already (by the schema): decoding stumbles over the same
 * fault there, so that what it reports at them is dropped.
 */
export function objectReader(object: RawObject, mesh: MeshConfig, settled: readonly Path[]): ObjectReader {
  const diagnostics: Diagnostic[] = [];
  const reported: Path[] = [];
  return {
    object,
    mesh,
    diagnostics,
    origin: (path = []) => originOf(object, path),
    report: (code, path, message, help) => {
      if (settled.some((one) => startsWith(path, one))) return;
      reported.push(path);
      diagnostics.push(diagnosticAt(object, code, path, message, help));
    },
    hasReported: (path) => reported.some((one) => startsWith(one, path)),
  };
}

/** A diagnostic at a place of an object, under the key or the value as the catalogue says of the code. */
export function diagnosticAt(
  object: RawObject,
  code: Code,
  path: Path,
  message: string,
  help?: string,
): Diagnostic {
  const position = object.locate(path, { key: catalogue[code].points === "key" });
  return diagnostic(code, position, message, { help, object, path: pathText(path) });
}

function originOf(object: RawObject, path: Path): Origin {
  return {
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
    position: object.locate(path.length === 0 ? ["metadata", "name"] : path),
  };
}

/** `spec.http[0].route`, quoting keys that are no plain names: `metadata.labels["app.kubernetes.io/name"]`. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, index) => String(step) === String(path[index]));
}
