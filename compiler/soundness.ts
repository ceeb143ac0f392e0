// The last gate before a proxy: resources that Envoy would refuse, or die of, are told apart from those it will take.

import { registry } from "@envoyproxy/protos-ts/registry";
import { checkMessage, formatPath } from "./5-emit/invariants/index.ts";
import type { EmittedResource } from "./5-emit/resource.ts";
import { memoizeByIdentity } from "./model/memo.ts";

export interface UnsoundResource {
  readonly resource: EmittedResource;
  /** Each as `field.path: what is wrong`. */
  readonly reasons: readonly string[];
}

export interface Judged {
  readonly sound: readonly EmittedResource[];
  readonly unsound: readonly UnsoundResource[];
}

/** Sorted as given. A resource is judged once, however many proxies get it. */
export const judgeResources = memoizeByIdentity((resources: readonly EmittedResource[]): Judged => {
  const sound: EmittedResource[] = [];
  const unsound: UnsoundResource[] = [];
  for (const resource of resources) {
    const violations = checkMessage(resource.schema, resource.message, registry);
    if (violations.length === 0) sound.push(resource);
    else {
      const reasons = violations.map(({ path, message }) => `${formatPath(path)}: ${message}`);
      unsound.push({ resource, reasons });
    }
  }
  return { sound, unsound };
});
