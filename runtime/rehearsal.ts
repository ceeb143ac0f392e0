// While nobody is connected: makes what a proxy of each namespace would get. The first that come find code that has run before and what
// they have in common made, which a crowd that comes at once waits for together. In: that there is a mesh, and that somebody has come.
// Out: nothing else.

import { compileLayers, type Mesh, type MeshProxy } from "#compiler";
import { makeSnapshot } from "./snapshots.ts";

export interface Rehearsal {
  /** There is this mesh now. */
  prepare(mesh: Mesh): void;
  /** Somebody has come. From here on the real proxies keep everything warm. */
  end(): void;
}

interface Part {
  readonly proxy: MeshProxy;
  made?: unknown;
}

type Act = (mesh: Mesh, proxy: MeshProxy) => unknown;

export interface RehearsalOptions {
  /** Whether proxies come with an identity, without one, or both: by the ports that are open. */
  readonly identities: readonly boolean[];
  /** Default: planned and written, then judged and encoded. Whoever comes meanwhile waits for one of them. */
  readonly acts?: readonly Act[];
  /** Does something after so many ms; what it gives back prevents it. */
  readonly later?: (ms: number, doIt: () => void) => () => void;
}

/** Whoever has waited for the server comes before that, and is better off without. Who comes later waits for an act at most. */
const patienceMs = 50;

const planAndEncode: readonly Act[] = [
  (mesh, proxy) => compileLayers(mesh, proxy, "parts"),
  (mesh, proxy) => makeSnapshot(mesh, proxy, [], undefined, "parts"),
];

export function createRehearsal({
  identities,
  acts = planAndEncode,
  later = afterMs,
}: RehearsalOptions): Rehearsal {
  /** What came of it; others find it as long as somebody has it. From mesh to mesh it is the same somebody, of whom little is planned anew. */
  let kept: ReadonlyMap<string, Part> = new Map();
  let cancel = () => {};
  let over = false;

  const play = (mesh: Mesh): void => {
    const cast = namespacesOf(mesh).flatMap((namespace) =>
      identities.map((hasIdentity) => somebodyIn(namespace, mesh, hasIdentity)),
    );
    kept = new Map(
      cast.map((proxy) => {
        const key = `${proxy.namespace} ${proxy.interceptionMode} ${proxy.hasIdentity}`;
        return [key, kept.get(key) ?? { proxy }];
      }),
    );
    const scenes = [...kept.values()].flatMap((part) =>
      acts.map((act) => () => {
        part.made = act(mesh, part.proxy);
      }),
    );
    const goOn = ([scene, ...rest]: typeof scenes, ms: number): void => {
      if (!scene) return;
      cancel = later(ms, () => {
        try {
          scene();
        } catch {
          // A mistake of ours, which the first real proxy meets where it is told and costs nobody else anything.
          return;
        }
        goOn(rest, 0);
      });
    };
    goOn(scenes, patienceMs);
  };

  return {
    prepare: (mesh) => {
      cancel();
      if (!over) play(mesh);
    },
    end: () => {
      over = true;
      cancel();
      kept = new Map();
    },
  };
}

/** So many kinds of clients find what they have in common prepared. */
const mostNamespaces = 32;

/** Where sidecars are to be expected: those with the most services first. */
function namespacesOf({ services }: Mesh): readonly string[] {
  const counts = new Map<string, number>();
  for (const { namespace } of services) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  if (counts.size === 0) return ["default"];
  const namespaces = [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
  return namespaces.slice(0, mostNamespaces).map(([namespace]) => namespace);
}

/** A sidecar without any particulars. */
function somebodyIn(namespace: string, { config }: Mesh, hasIdentity: boolean): MeshProxy {
  return {
    id: `rehearsal.${namespace}`,
    type: "sidecar",
    name: "rehearsal",
    namespace,
    ip: "",
    labels: {},
    serviceAccount: "default",
    interceptionMode: config.proxy.interceptionMode,
    hasIdentity,
  };
}

function afterMs(ms: number, doIt: () => void): () => void {
  const timer = setTimeout(doIt, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
