// What the files did as istiod's metrics: their objects as events, updates and triggers of pushes, and how validation went. In:
// changed objects. Out: counters in a registry. Knows no stream.

import { Counter, Histogram, type Registry } from "@prometheus-io/client";
import type { ChangedObject, ObjectChanges } from "./changed-objects.ts";

/** What istiod calls the reason of a push. */
export type Trigger = "config" | "endpoint" | "service" | "proxy" | "secret" | "global";

export interface ChangeMetrics {
  /** Counts objects, and with `pushed` what they were the reason for. */
  changed(changes: ObjectChanges, pushed: boolean): void;
  trigger(type: Trigger): void;
  /** Seconds from the first notification of a change until it is told. */
  debounced(seconds: number): void;
  /** Seconds to turn a change into a mesh. */
  compiled(seconds: number): void;
}

export function createChangeMetrics(registry: Registry): ChangeMetrics {
  const registers = [registry];
  const labelNames = ["type", "event"];
  const registryEvents = new Counter({
    name: "pilot_k8s_reg_events",
    help: "Objects of the service registry that came, changed or went, by kind.",
    labelNames,
    registers,
  });
  const configEvents = new Counter({
    name: "pilot_k8s_cfg_events",
    help: "Objects of configuration that came, changed or went, by kind.",
    labelNames,
    registers,
  });
  const inbound = new Counter({
    name: "pilot_inbound_updates",
    help: "Updates of objects: config, eds, svc, svcdelete.",
    labelNames: ["type"],
    registers,
  });
  const triggers = new Counter({
    name: "pilot_push_triggers",
    help: "What made the control plane push.",
    labelNames: ["type"],
    registers,
  });
  const passed = new Counter({
    name: "galley_validation_passed",
    help: "Objects accepted.",
    labelNames: ["group", "version", "resource"],
    registers,
  });
  const failed = new Counter({
    name: "galley_validation_failed",
    help: "Objects refused, each time that their file is read.",
    labelNames: ["group", "version", "resource", "reason"],
    registers,
  });
  const debounce = new Histogram({
    name: "pilot_debounce_time",
    help: "Seconds from the first notification of a change until the files have settled.",
    buckets: [0.01, 0.1, 1, 3, 5, 10, 20, 30],
    registers,
  });
  const contexts = new Histogram({
    name: "pilot_pushcontext_init_seconds",
    help: "Seconds to turn a change into a mesh.",
    buckets: [0.01, 0.1, 0.5, 1, 3, 5],
    registers,
  });
  return {
    changed: ({ changed, refused, unreadable }, pushed) => {
      for (const object of changed) {
        const { event } = object;
        const type = registryType(object);
        if (type === undefined) configEvents.inc({ type: object.kind, event });
        else registryEvents.inc({ type, event });
        inbound.inc({ type: updateType(object) });
        if (event !== "delete") passed.inc(resourceOf(object));
      }
      for (const object of refused) failed.inc({ ...resourceOf(object), reason: "invalid_resource" });
      const unknown = { group: "", version: "", resource: "" };
      if (unreadable > 0) failed.inc({ ...unknown, reason: "yaml_decode_error" }, unreadable);
      if (pushed) for (const type of new Set(changed.map(triggerOf))) triggers.inc({ type });
    },
    trigger: (type) => triggers.inc({ type }),
    debounced: (seconds) => debounce.observe(seconds),
    compiled: (seconds) => contexts.observe(seconds),
  };
}

/** The kinds that istiod reads as a registry, under its names for them; undefined for configuration. */
function registryType({ group, kind }: ChangedObject): string | undefined {
  if (kind === "EndpointSlice" || (group === "" && kind === "Endpoints")) return "EndpointSlice";
  return group === "" ? coreRegistries.get(kind) : undefined;
}

const coreRegistries: ReadonlyMap<string, string> = new Map([
  ["Service", "Services"],
  ["Pod", "Pods"],
  ["Namespace", "Namespaces"],
]);

function updateType(object: ChangedObject): "config" | "eds" | "svc" | "svcdelete" {
  switch (registryType(object)) {
    case "Services":
      return object.event === "delete" ? "svcdelete" : "svc";
    case "EndpointSlice":
    case "Pods":
      return "eds";
    default:
      return "config";
  }
}

function triggerOf(object: ChangedObject): Trigger {
  if (object.group === "" && object.kind === "Secret") return "secret";
  if (object.kind === "MeshConfig") return "global";
  switch (updateType(object)) {
    case "svc":
    case "svcdelete":
      return "service";
    case "eds":
      return "endpoint";
    case "config":
      return "config";
  }
}

/** `networking.istio.io`, `v1`, `serviceentries`. */
function resourceOf({ group, version, kind }: Omit<ChangedObject, "event">) {
  const lower = kind.toLowerCase();
  const plural = lower.endsWith("s")
    ? lower
    : /[^aeiou]y$/.test(lower)
      ? `${lower.slice(0, -1)}ies`
      : `${lower}s`;
  return { group, version, resource: plural };
}
