import test from "ava";
import fc from "fast-check";
import { holds, layeredMap, lookUp, namesIn, rebased, withEntries } from "./layered-map.ts";

const changes = fc.array(
  fc.array(fc.tuple(fc.nat(200).map(String), fc.option(fc.nat(3), { nil: undefined })), { maxLength: 40 }),
  { maxLength: 10 },
);

test("a layered map is a map, and the ones before stay as they were", (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(200).map(String)), changes, (names, rounds) => {
      const plain = new Map(names.map((name) => [name, 0]));
      let map = layeredMap(new Map(plain));
      for (const round of rounds) {
        const earlier = map;
        const namesBefore = [...namesIn(earlier)].sort();
        map = withEntries(map, round);
        for (const [name, value] of round) {
          if (value === undefined) plain.delete(name);
          else plain.set(name, value);
        }
        t.deepEqual([...namesIn(earlier)].sort(), namesBefore);
      }
      t.deepEqual([...namesIn(map)].sort(), [...plain.keys()].sort());
      t.is(map.size, plain.size);
      for (let name = 0; name <= 200; name++) {
        t.is(lookUp(map, String(name)), plain.get(String(name)));
        t.is(holds(map, String(name)), plain.has(String(name)));
      }
    }),
    { numRuns: 50 },
  );
});

test("nothing to change is the same map", (t) => {
  const map = layeredMap(new Map([["a", 1]]));
  t.is(withEntries(map, []), map);
  t.is(withEntries(map, [["a", 1]]), map);
  t.is(withEntries(map, [["b", undefined]]), map);
});

test("what is emptied keeps nothing of what was there", (t) => {
  const map = withEntries(layeredMap(new Map([["a", 1]])), [["a", undefined]]);
  t.is(map.size, 0);
  t.deepEqual([map.base.size, map.layer.size], [0, 0]);
});

test("on another base it is the same map", (t) => {
  const maps = fc
    .dictionary(fc.constantFrom(..."abcdef"), fc.nat(2))
    .map((entries) => new Map(Object.entries(entries)));
  fc.assert(
    fc.property(maps, maps, maps, (first, second, base) => {
      const map = withEntries(layeredMap(first), [...second, ["a", undefined]]);
      const moved = rebased(map, base);
      t.is(moved.base, base);
      t.is(moved.size, map.size);
      t.deepEqual([...namesIn(moved)].sort(), [...namesIn(map)].sort());
      for (const name of "abcdef") t.is(lookUp(moved, name), lookUp(map, name));
    }),
  );
});
