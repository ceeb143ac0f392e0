// The last gate before a proxy: what Envoy would refuse, or die of, is told apart from what it will take, and cut down to
// the smallest part that is bad.

import type { Message } from "@bufbuild/protobuf";
import { messageTypes } from "@envoyproxy/protos-ts/files";
import { checkMessage, formatPath, type Violation } from "./5-emit/invariants/index.ts";
import type { EmittedResource } from "./5-emit/resource.ts";
import { isolateHost, isolateVirtualHosts } from "./5-emit/routes/isolate.ts";

export interface UnsoundResource {
  readonly resource: EmittedResource;
  /** Each as `field.path: what is wrong`. */
  readonly reasons: readonly string[];
  /** `parts`: the resource is served with its bad parts replaced. `whole`: it is not served in this version. */
  readonly withheld: "parts" | "whole";
}

export interface Judged {
  readonly sound: readonly EmittedResource[];
  readonly unsound: readonly UnsoundResource[];
}

/**
 * `lastGood` gives the message that a proxy was last sent under a name, from which a bad virtual host is replaced. A
 * message is checked once, however many proxies get it.
 */
export function judgeResources(
  resources: readonly EmittedResource[],
  lastGood: (resource: EmittedResource) => Message | undefined = () => undefined,
): Judged {
  const sound: EmittedResource[] = [];
  const unsound: UnsoundResource[] = [];
  const names = new Set<string>();
  for (const resource of resources) {
    const name = `${resource.typeUrl} ${resource.name}`;
    if (names.has(name)) {
      unsound.push({ resource, reasons: ["another resource has this name already"], withheld: "whole" });
      continue;
    }
    names.add(name);
    const violations = flaws(resource);
    if (violations.length === 0) {
      sound.push(resource);
      continue;
    }
    const reasons = violations.map(({ path, message }) => `${formatPath(path)}: ${message}`);
    const earlier = lastGood(resource);
    const message =
      isolateVirtualHosts(resource.message, violations, earlier) ??
      isolateHost(resource.message, violations, earlier);
    const repaired = message && { ...resource, message };
    const saved = repaired !== undefined && flaws(repaired).length === 0;
    if (saved) sound.push(repaired);
    unsound.push({ resource, reasons, withheld: saved ? "parts" : "whole" });
  }
  return { sound, unsound };
}

function flaws(resource: EmittedResource): readonly Violation[] {
  return checkMessage(resource.schema, resource.message, messageTypes);
}
