import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import test from "ava";
import type { EmittedResource } from "#compiler";
import { type Culprit, findCulprits } from "./culprits.ts";

function cluster(name: string): EmittedResource {
  const typeUrl = `type.googleapis.com/${ClusterSchema.typeName}`;
  return { typeUrl, name, schema: ClusterSchema, message: create(ClusterSchema, { name }), origins: [] };
}

function listener(name: string): EmittedResource {
  const typeUrl = `type.googleapis.com/${ListenerSchema.typeName}`;
  return { typeUrl, name, schema: ListenerSchema, message: create(ListenerSchema, { name }), origins: [] };
}

const clusters = ["a", "b", "c", "d", "e"].map(cluster);
const listeners = ["l", "m"].map(listener);

/** Refuses the very objects given, as Envoy would a bad resource; a stand-in passes. */
function judgeAgainst(bad: readonly EmittedResource[]) {
  let asked = 0;
  const judge = async (resources: readonly EmittedResource[]) => {
    asked += 1;
    const found = resources.find((each) => bad.includes(each));
    return found && `bad ${found.name}`;
  };
  return { judge, asked: () => asked };
}

test("one question when all is well", async (t) => {
  const { judge, asked } = judgeAgainst([]);
  t.deepEqual(await findCulprits([...clusters, ...listeners], judge, []), []);
  t.is(asked(), 1);
});

test("every bad resource is found, whatever its type", async (t) => {
  const bad = [clusters[1], clusters[4], listeners[0]].filter((each) => each !== undefined);
  const { judge } = judgeAgainst(bad);
  const found = await findCulprits([...clusters, ...listeners], judge, []);
  t.deepEqual(
    found.map(({ message, resource }) => [message, resource?.name]),
    [
      ["bad b", "b"],
      ["bad e", "e"],
      ["bad l", "l"],
    ],
  );
});

test("what is known to be bad is not looked for again", async (t) => {
  const bad = [clusters[1]].filter((each) => each !== undefined);
  const known: Culprit[] = [];
  const { judge, asked } = judgeAgainst(bad);
  await findCulprits(clusters, judge, known);
  const before = asked();
  const again = await findCulprits([...clusters, ...listeners], judge, known);
  t.is(asked() - before, 1);
  t.deepEqual(again, known);
});

test("a complaint about no single resource is told as it is", async (t) => {
  const judge = async (resources: readonly EmittedResource[]) =>
    resources.length > 6 ? "too many" : undefined;
  const found = await findCulprits([...clusters, ...listeners], judge, []);
  t.deepEqual(found, [{ message: "too many", type: "configuration" }]);
});
