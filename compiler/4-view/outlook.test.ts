import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { clientOf } from "./client.ts";
import { importsOf } from "./imports.ts";
import { type Outlook, outlookOf } from "./outlook.ts";

const web = "web.default.svc.cluster.local";
const mesh = service("web") + service("other") + pod("web", "10.0.0.1") + pod("client", "10.0.0.2");

/** The same client in two namespaces of a mesh. */
function outlooks(yaml: string): readonly [Outlook, Outlook] {
  const world = worldOf(mesh + yaml);
  const from = (namespace: string) => {
    const client = clientOf(world.mesh, world.proxy("client-2.default", { namespace }));
    return outlookOf(world.mesh, client, importsOf(world.mesh, client));
  };
  return [from("default"), from("shop")];
}

const rule = (spec: string, namespace?: string) =>
  object("DestinationRule", "web", `{host: ${web}, ${spec}}`, namespace);

test("clients of two namespaces have one outlook where no policy tells them apart", (t) => {
  for (const yaml of ["", rule("trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}")]) {
    const [here, there] = outlooks(yaml);
    t.is(here, there);
  }
});

for (const [title, yaml, expected] of [
  ["that is kept to its namespace", rule('exportTo: ["."]'), ["default", undefined]],
  ["of the client's namespace", rule("subsets: []", "shop"), [undefined, "shop"]],
] as const) {
  test(`a policy ${title} makes another outlook`, (t) => {
    const both = outlooks(yaml);
    t.deepEqual(
      both.map(({ ruled }) => ruled[0]?.policy?.namespace),
      [...expected],
    );
    t.not(both[0], both[1]);
  });
}
