import test from "ava";
import { defaultMeshConfig } from "../model/mesh-config.ts";
import { anyMatch, chain, tcpTerminal } from "./chains.ts";
import type { ChainMatch } from "./plan/index.ts";
import { separateChains } from "./separate-chains.ts";

const terminal = tcpTerminal(defaultMeshConfig, "c", [{ cluster: "c", weight: 1 }]);

/** Each chain that is left, as `name: ranges names`. */
function separated(...matches: readonly (Partial<ChainMatch> & { readonly name: string })[]) {
  const plans = matches.map(({ name, ...match }) => chain(name, { ...anyMatch, ...match }, terminal, []));
  return separateChains(plans).map(
    ({ name, match }) => `${name}: ${[...match.prefixRanges, ...match.serverNames].join(" ")}`,
  );
}

test("chains that have nothing in common stay as they are", (t) => {
  t.deepEqual(
    separated(
      { name: "a", prefixRanges: ["10.0.0.0/8"] },
      { name: "b", prefixRanges: ["10.0.0.0/9"] },
      { name: "c", serverNames: ["x"] },
      { name: "d", serverNames: ["x"], transportProtocol: "tls" },
    ),
    ["a: 10.0.0.0/8", "b: 10.0.0.0/9", "c: x", "d: x"],
  );
});

test("the first keeps what two ask for, however it is written", (t) => {
  t.deepEqual(
    separated(
      { name: "a", prefixRanges: ["10.0.0.1/8", "1.1.1.1"] },
      { name: "b", prefixRanges: ["10.9.9.9/8", "2.2.2.2/32"] },
      { name: "c", prefixRanges: ["1.1.1.1/32"] },
    ),
    ["a: 10.0.0.1/8 1.1.1.1", "b: 2.2.2.2/32"],
  );
  t.deepEqual(separated({ name: "a", serverNames: ["x", "y"] }, { name: "b", serverNames: ["Y", "z"] }), [
    "a: x y",
    "b: z",
  ]);
});

test("what one chain names twice it names once", (t) => {
  t.deepEqual(separated({ name: "a", prefixRanges: ["1.1.1.1/32", "::1", "1.1.1.1", "0:0::1/128"] }), [
    "a: 1.1.1.1 0:0::1/128",
  ]);
});

test("a chain that is taken for some of its networks goes on with the others", (t) => {
  t.deepEqual(
    separated(
      { name: "a", prefixRanges: ["1.1.1.1/32"], serverNames: ["x"] },
      { name: "b", prefixRanges: ["1.1.1.1/32", "2.2.2.2/32"], serverNames: ["x", "y"] },
    ),
    ["a: 1.1.1.1/32 x", "b: 1.1.1.1/32 y", "b: 2.2.2.2/32 x y"],
  );
});
