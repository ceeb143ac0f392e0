import test from "ava";
import type { Mesh, MeshProxy } from "#compiler";
import { createRehearsal } from "./rehearsal.ts";
import { type MadeSnapshot, makeSnapshot } from "./snapshots.ts";
import { changeWorld, emptyWorld } from "./world.ts";

const service = (id: string) => {
  const [name, namespace = "shop"] = id.split(".");
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [{ name: http, port: 80 }] }
`;
};

/** `name`, in the namespace shop, or `name.namespace`. */
const meshOf = (...ids: readonly string[]) =>
  changeWorld(emptyWorld(), {
    upserted: ids.map((id) => ({ name: `${id}.yaml`, text: service(id) })),
    removed: [],
  }).compiled.mesh;

/** Lets happen what is due, one thing at a time. */
function createStage() {
  const due: { readonly ms: number; readonly doIt: () => void }[] = [];
  return {
    due,
    later: (ms: number, doIt: () => void) => {
      const entry = { ms, doIt };
      due.push(entry);
      return () => {
        if (due.includes(entry)) due.splice(due.indexOf(entry), 1);
      };
    },
    goOn: () => due.shift()?.doIt(),
  };
}

test("a sidecar of any namespace shares what was made for nobody, with an identity as without", (t) => {
  const { due, later, goOn } = createStage();
  const mesh = meshOf("a.bank", "web", "db");
  const made: MadeSnapshot[] = [];
  const make = (of: Mesh, proxy: MeshProxy) => made.push(makeSnapshot(of, proxy, [], undefined, "parts"));
  createRehearsal({ identities: [true, false], acts: [make], later }).prepare(mesh);
  while (due.length > 0) goOn();
  const expected = ["shop", "bank"].flatMap((namespace) =>
    [true, false].map((hasIdentity) => ({ namespace, hasIdentity })),
  );
  const bases = expected.map(({ namespace, hasIdentity }) => {
    const proxy: MeshProxy = {
      id: `a.${namespace}`,
      type: "sidecar",
      name: "a",
      namespace,
      ip: "10.0.0.1",
      labels: { app: "a" },
      serviceAccount: "a",
      interceptionMode: "REDIRECT",
      hasIdentity,
    };
    return makeSnapshot(mesh, proxy, [], undefined, "parts").snapshot.base;
  });
  t.deepEqual(
    made.map(({ snapshot }) => snapshot.base),
    bases,
  );
  for (const [index, { snapshot }] of made.entries()) t.is(snapshot.base, bases[index]);
});

test("it begins when nobody has come for a while, again with each mesh, and leaves time between its acts", (t) => {
  const { due, later, goOn } = createStage();
  const done: string[] = [];
  const act = (name: string) => (mesh: Mesh, proxy: MeshProxy) => {
    done.push(`${name} ${mesh.services.length} ${proxy.hasIdentity}`);
  };
  const rehearsal = createRehearsal({ identities: [true, false], acts: [act("plan"), act("encode")], later });
  rehearsal.prepare(meshOf("web"));
  t.deepEqual(
    due.map(({ ms }) => ms),
    [50],
  );
  goOn();
  t.deepEqual(
    due.map(({ ms }) => ms),
    [0],
  );
  rehearsal.prepare(meshOf("web", "db"));
  t.deepEqual(
    due.map(({ ms }) => ms),
    [50],
    "what was left of the first is not played",
  );
  while (due.length > 0) goOn();
  t.deepEqual(done, ["plan 1 true", "plan 2 true", "encode 2 true", "plan 2 false", "encode 2 false"]);
});

test("of many namespaces, those with the most services are prepared for", (t) => {
  const { due, later, goOn } = createStage();
  const played: string[] = [];
  const act = (_: Mesh, { namespace }: MeshProxy) => played.push(namespace);
  const small = Array.from({ length: 40 }, (_, index) => `a.n${String(index).padStart(2, "0")}`);
  createRehearsal({ identities: [true], acts: [act], later }).prepare(
    meshOf(...small, "b.n39", "b.n38", "c.n39"),
  );
  while (due.length > 0) goOn();
  t.is(played.length, 32);
  t.deepEqual(played.slice(0, 4), ["n39", "n38", "n00", "n01"]);
});

test("from mesh to mesh it is the same somebody, but for a namespace that was gone in between", (t) => {
  const { due, later, goOn } = createStage();
  const played: MeshProxy[] = [];
  const act = (_: Mesh, proxy: MeshProxy) => played.push(proxy);
  const rehearsal = createRehearsal({ identities: [true], acts: [act], later });
  for (const mesh of [meshOf("a.bank", "web"), meshOf("web"), meshOf("a.bank", "web")]) {
    rehearsal.prepare(mesh);
    while (due.length > 0) goOn();
  }
  const ofBank = played.filter(({ namespace }) => namespace === "bank");
  const ofShop = played.filter(({ namespace }) => namespace === "shop");
  t.deepEqual([ofBank.length, new Set(ofBank).size], [2, 2]);
  t.deepEqual([ofShop.length, new Set(ofShop).size], [3, 1]);
});

test("once somebody has come, nothing is played any more", (t) => {
  const { due, later, goOn } = createStage();
  const rehearsal = createRehearsal({ identities: [true], acts: [() => t.fail()], later });
  rehearsal.prepare(meshOf("web"));
  rehearsal.end();
  rehearsal.prepare(meshOf("web"));
  goOn();
  t.is(due.length, 0);
});

test("what goes wrong for nobody ends the rehearsal, and nothing else", (t) => {
  const { due, later, goOn } = createStage();
  const fail = () => {
    throw new Error("a mistake of ours");
  };
  createRehearsal({ identities: [true, false], acts: [fail], later }).prepare(meshOf("web"));
  t.notThrows(goOn);
  t.is(due.length, 0);
});
