// A map of resources with some of its values replaced: the large map stays as it is, and is looked at through a small one that
// holds what is other. Names and their order are those of the large map.

import type { ServedResource } from "./resource.ts";

type Resources = ReadonlyMap<string, ServedResource>;

interface Parts {
  readonly base: Resources;
  readonly replaced: Resources;
}

const parts = new WeakMap<Resources, Parts>();

/** Members have to have names that the map has. Once much is replaced, all is put into one map again. */
export function replacedResources(before: Resources, members: readonly ServedResource[]): Resources {
  const { base, replaced } = parts.get(before) ?? { base: before, replaced: new Map() };
  const now = new Map(replaced);
  for (const member of members) now.set(member.name, member);
  const map = throughReplaced(base, now);
  if (now.size > Math.max(32, base.size / 16)) return new Map(map);
  parts.set(map, { base, replaced: now });
  return map;
}

function throughReplaced(base: Resources, replaced: Resources): Resources {
  function* entries(): Generator<[string, ServedResource], undefined> {
    for (const [name, member] of base) yield [name, replaced.get(name) ?? member];
  }
  function* values(): Generator<ServedResource, undefined> {
    for (const [, member] of entries()) yield member;
  }
  const map: Resources = {
    size: base.size,
    get: (name) => replaced.get(name) ?? base.get(name),
    has: (name) => base.has(name),
    forEach: (visit) => {
      for (const [name, member] of entries()) visit(member, name, map);
    },
    entries,
    keys: () => base.keys(),
    values,
    [Symbol.iterator]: entries,
  };
  return map;
}
