// A difference as JSON for tools. `version` changes when a field changes its meaning or goes away.

import { formatDiffPath, type ObjectDiff, type ResourceDiff } from "#compiler";
import type { Difference } from "./difference.ts";

/** One object: proxies by id, each with its resources; paths as text. `same` is about proxies, not about objects. */
export function renderDiffJson({ proxies, compared, objects }: Difference): string {
  const json = {
    version: 1,
    same: proxies.length === 0,
    compared,
    objects: objects.map(objectDiffJson),
    proxies: Object.fromEntries(
      proxies.map(({ id, type, state, resources }) => [
        id,
        { type, state, resources: resources.map(resourceDiffJson) },
      ]),
    ),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function objectDiffJson({ state, kind, namespace, name, position }: ObjectDiff): object {
  return { state, kind, namespace, name, file: position.file, line: position.line };
}

function resourceDiffJson({ type, name, state, changes, origins, drain }: ResourceDiff): object {
  return {
    type,
    name,
    state,
    changes: changes.map((change) => ({ ...change, path: formatDiffPath(change.path) })),
    origins: origins.map(({ kind, namespace, name, position }) => ({
      kind,
      namespace,
      name,
      file: position.file,
      line: position.line,
    })),
    ...(drain ? { drain } : {}),
  };
}
