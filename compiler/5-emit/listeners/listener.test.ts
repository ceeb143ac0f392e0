import { toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { TrafficDirection } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import test from "ava";
import type { ListenerPlan } from "../../4-view/plan/listeners.ts";
import { emitListener } from "./index.ts";
import { accessLog, chain, chainMatch, http, listener, tcp } from "./listener-plan-builder.ts";

const none = new Map();
const emit = (plan: ListenerPlan) => emitListener(plan, none).message as Listener;
const filterNames = (plan: Partial<ListenerPlan>) =>
  emit(listener([], plan)).listenerFilters.map(({ name }) => name.replace("envoy.filters.listener.", ""));

test("a listener is emitted once per plan and set of contributors", (t) => {
  const plan = listener([chain(http())]);
  const emitted = emitListener(plan, none);
  t.is(emitted, emitListener(plan, none));
  t.not(emitted, emitListener(plan, new Map()));
  t.is(emitted.name, "0.0.0.0_80");
  t.is(emitted.typeUrl, "type.googleapis.com/envoy.config.listener.v3.Listener");
});

test("equal plans give equal bytes", (t) => {
  const bytes = () => toBinary(ListenerSchema, emit(listener([chain(http()), chain(tcp())])));
  t.deepEqual(bytes(), bytes());
});

test("addresses: IP and port, or a socket file", (t) => {
  const { address } = emit(listener([], { address: "10.0.0.1", port: 443 })).address ?? {};
  t.like(address, { case: "socketAddress", value: { address: "10.0.0.1", portSpecifier: { value: 443 } } });
  t.like(emit(listener([], { address: "unix:///run/a", port: 0 })).address?.address, {
    case: "pipe",
    value: { path: "/run/a" },
  });
});

test("direction, binding and handing off", (t) => {
  const bound = emit(listener([]));
  t.is(bound.trafficDirection, TrafficDirection.OUTBOUND);
  t.is(bound.bindToPort, undefined);
  t.is(bound.useOriginalDst, undefined);
  const virtual = emit(listener([], { direction: "inbound", bindToPort: false, handsOff: true }));
  t.is(virtual.trafficDirection, TrafficDirection.INBOUND);
  t.false(virtual.bindToPort);
  t.true(virtual.useOriginalDst);
});

test("detection comes in the one order that works", (t) => {
  t.deepEqual(filterNames({}), []);
  t.deepEqual(filterNames({ readsOriginalDst: true, detectTls: true, detectHttp: true }), [
    "original_dst",
    "tls_inspector",
    "http_inspector",
  ]);
  t.deepEqual(filterNames({ readsOriginalDst: true, handsOff: true }), []);
});

test("detection waits as long as the plan says, then goes on", (t) => {
  const without = emit(listener([], { detectionTimeoutMs: 5000 }));
  t.is(without.listenerFiltersTimeout, undefined);
  const { listenerFiltersTimeout, continueOnListenerFiltersTimeout } = emit(
    listener([], { detectHttp: true, detectionTimeoutMs: 5000 }),
  );
  t.is(listenerFiltersTimeout && durationMs(listenerFiltersTimeout), 5000);
  t.true(continueOnListenerFiltersTimeout);
});

test("ports whose server may speak first are not inspected", (t) => {
  const [tls, inspector] = emit(
    listener([], {
      detectTls: true,
      detectHttp: true,
      noTlsDetectionOn: [3306],
      noHttpDetectionOn: [90, 25, 90],
    }),
  ).listenerFilters;
  t.like(tls?.filterDisabled?.rule, {
    case: "destinationPortRange",
    value: { start: 3306, end: 3307 },
  });
  const rule = inspector?.filterDisabled?.rule;
  t.deepEqual(
    rule?.case === "orMatch" &&
      rule.value.rules.map(({ rule }) => rule.case === "destinationPortRange" && rule.value.start),
    [25, 90],
  );
});

test("chains keep their order, the fallback is Envoy's default", (t) => {
  const { filterChains, defaultFilterChain } = emit(
    listener(
      [
        chain(http(), { name: "b", match: chainMatch({ destinationPort: 1 }) }),
        chain(tcp(), { name: "a", match: chainMatch({ destinationPort: 2 }) }),
      ],
      { fallback: chain(tcp(), { name: "rest" }) },
    ),
  );
  t.deepEqual(
    filterChains.map(({ name }) => name),
    ["b", "a"],
  );
  t.is(defaultFilterChain?.name, "rest");
  t.is(defaultFilterChain?.filterChainMatch, undefined);
});

test("a match says what it asks, sorted", (t) => {
  const [emitted] = emit(
    listener([
      chain(tcp(), {
        match: chainMatch({
          prefixRanges: ["fd00::1", "10.0.0.0/8", "10.1.2.3"],
          serverNames: ["b", "a"],
          transportProtocol: "tls",
        }),
      }),
    ]),
  ).filterChains;
  const match = emitted?.filterChainMatch;
  t.deepEqual(
    match?.prefixRanges.map(({ addressPrefix, prefixLen }) => [addressPrefix, prefixLen]),
    [
      ["10.0.0.0", 8],
      ["10.1.2.3", 32],
      ["fd00::1", 128],
    ],
  );
  t.deepEqual(match?.serverNames, ["a", "b"]);
  t.is(match?.transportProtocol, "tls");
  t.is(match?.destinationPort, undefined);
});

test("the listener's own log tells only of what no chain took", (t) => {
  const [log] = emit(listener([], { accessLog: accessLog({ onlyUnrouted: true }) })).accessLog;
  t.like(log?.filter?.filterSpecifier, { case: "responseFlagFilter", value: { flags: ["NR"] } });
});
