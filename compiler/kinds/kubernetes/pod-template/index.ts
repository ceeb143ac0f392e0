// Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and CronJob: what they would run. A repository of policy files
// holds these and no pods, and can still be compiled for each of its proxies.

import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { Kind, Reader } from "../../kind.ts";
import { at, isSet, type Place, readFlag, readItems, readTextMap, specOf } from "../../shared/place.ts";
import { readPodSpec } from "../../shared/pod-spec.ts";

/** Every kind that holds a pod template, in the order of the support table. */
export const podTemplates: readonly Kind[] = [
  templateKind("apps", "Deployment"),
  templateKind("apps", "StatefulSet"),
  templateKind("apps", "DaemonSet"),
  templateKind("apps", "ReplicaSet"),
  templateKind("batch", "Job"),
  templateKind("batch", "CronJob", ["jobTemplate", "spec"]),
];

/** Without the upstream schemas, as for pods. `above` leads from `spec` to the part that has the template. */
function templateKind(group: string, kind: string, above: readonly string[] = []): Kind {
  return {
    group,
    versions: ["v1"],
    kind,
    clusterScoped: false,
    fields: {},
    decode: (object, reader) => decode(object, reader, [...above, "template"]),
  };
}

/** What another object made (a Deployment its ReplicaSet, a CronJob its Job) is there with that one. */
function decode(object: RawObject, reader: Reader, path: readonly string[]): readonly Fact[] {
  const metadata: Place = { reader, path: ["metadata"], value: object.value.metadata };
  const owners = readItems(at(metadata, "ownerReferences"));
  if (owners.some((owner) => readFlag(at(owner, "controller")) === true)) return [];
  const template = at(specOf(reader), ...path);
  if (!isSet(template)) return [];
  const labels = readTextMap(at(template, "metadata", "labels"));
  const annotations = readTextMap(at(template, "metadata", "annotations"));
  return [
    {
      type: "workload",
      value: {
        ...readPodSpec(at(template, "spec"), labels, annotations),
        name: object.name,
        namespace: object.namespace,
        source: "template",
        addresses: [],
        ready: true,
        origin: reader.origin(),
      },
    },
  ];
}
