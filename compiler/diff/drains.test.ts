import test from "ava";
import { drainOf } from "./drains.ts";

const chain = (name: string, port: number) => ({ name, filterChainMatch: { destinationPort: port } });
const listener = { name: "in", address: { port: 15_006 }, filterChains: [chain("a", 1), chain("b", 2)] };

test("only chains differ: only their connections are closed", (t) => {
  const after = { ...listener, filterChains: [chain("a", 1), chain("b", 3), chain("c", 4)] };
  t.deepEqual(drainOf("in", listener, after), { kind: "filter-chains", listener: "in", chains: ["b"] });
});

test("chains that are only added close nothing", (t) => {
  t.is(
    drainOf("in", listener, { ...listener, filterChains: [...listener.filterChains, chain("c", 3)] }),
    undefined,
  );
});

test("chains in another order close nothing", (t) => {
  t.is(drainOf("in", listener, { ...listener, filterChains: listener.filterChains.toReversed() }), undefined);
});

test("the default chain is a chain like any other", (t) => {
  const before = { ...listener, defaultFilterChain: chain("d", 0) };
  const after = { ...listener, defaultFilterChain: chain("d", 9) };
  t.deepEqual(drainOf("in", before, after), {
    kind: "filter-chains",
    listener: "in",
    chains: ["the default chain"],
  });
});

test("anything else drains the whole listener, and says what", (t) => {
  const after = { ...listener, listenerFilters: [{ name: "tls_inspector" }], filterChains: [chain("a", 9)] };
  t.deepEqual(drainOf("in", listener, after), { kind: "listener", listener: "in", why: ["listenerFilters"] });
});

test("a listener that is left without chains is set up anew", (t) => {
  t.deepEqual(drainOf("in", listener, { ...listener, filterChains: [] }), {
    kind: "listener",
    listener: "in",
    why: ["filterChains"],
  });
});
