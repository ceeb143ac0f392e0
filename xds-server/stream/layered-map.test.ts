import test from "ava";
import fc from "fast-check";
import { holds, layeredMap, lookUp, namesIn, withEntries } from "./layered-map.ts";

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
});
