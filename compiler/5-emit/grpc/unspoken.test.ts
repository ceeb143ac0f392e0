import test from "ava";
import { unspokenRules } from "../../compile.ts";
import { object, pod, service, worldOf } from "../../testing/world.ts";

function remarks(...rules: readonly string[]): readonly string[] {
  const yaml = [
    service("a"),
    pod("a", "10.0.0.1"),
    object("VirtualService", "a", `{hosts: [a], http: [${rules.join(", ")}]}`),
    object(
      "DestinationRule",
      "a",
      "{host: a, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}, loadBalancer: {simple: RANDOM}}}",
    ),
  ];
  const { mesh, proxy } = worldOf(yaml.join(""));
  return unspokenRules(mesh, proxy("a-1.default", { type: "proxyless" })).map(
    ({ what, origin }) => `${origin.kind} ${what}`,
  );
}

const route = "route: [{destination: {host: a}}]";
const ofDestinations = [
  "DestinationRule loadBalancer random is round robin",
  "DestinationRule outlierDetection is passed over",
];

test("what a rule asks for in vain is named, each with its rule", (t) => {
  t.deepEqual(
    remarks(
      `{match: [{authority: {exact: b}}, {queryParams: {q: {exact: "1"}}}], ${route}}`,
      "{match: [{uri: {prefix: /r}}], redirect: {uri: /x}}",
      "{match: [{uri: {prefix: /d}}], directResponse: {status: 200}}",
      `{rewrite: {uri: /x}, corsPolicy: {allowOrigins: [{exact: x}]}, mirror: {host: a},
        retries: {attempts: 1, perTryTimeout: 1s}, headers: {request: {add: {a: b}}}, ${route}}`,
    ),
    [
      "VirtualService corsPolicy is passed over",
      "VirtualService directResponse fails the call",
      "VirtualService headers is passed over",
      ...ofDestinations.slice(0, 1),
      "VirtualService match on authority never holds",
      "VirtualService match on queryParams never holds",
      "VirtualService mirror is passed over",
      ...ofDestinations.slice(1),
      "VirtualService redirect fails the call",
      "VirtualService retries.perTryTimeout is passed over",
      "VirtualService rewrite is passed over",
    ],
  );
});

test("what gRPC does is not remarked upon", (t) => {
  t.deepEqual(
    remarks(
      `{match: [{headers: {a: {exact: b}}, method: {exact: POST}}], timeout: 1s, retries: {attempts: 1}, ${route}}`,
    ),
    ofDestinations,
  );
});
