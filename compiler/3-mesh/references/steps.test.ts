// What does not fit together after services have changed is told as from scratch, and no longer told once it fits.

import test from "ava";
import { compileMesh } from "../../compile.ts";
import { joinFiles } from "../../join.ts";
import { defaultMeshConfig } from "../../model/mesh-config.ts";
import { readFile } from "../../read-file.ts";
import { object, service } from "../../testing/world.ts";

const routes = (host: string, to: string) =>
  object(
    "VirtualService",
    host,
    `{hosts: [${host}], http: [{route: [{destination: {host: ${to}, port: {number: 80}}}]}]}`,
  );
const web = {
  name: "web.yaml",
  text: service("web") + service("shop") + routes("web", "api") + routes("shop", "ap"),
};
const entry = (hosts: string, resolution: string) =>
  object(
    "ServiceEntry",
    "e",
    `{hosts: [${hosts}], ports: [{number: 80, name: http, protocol: HTTP}], resolution: ${resolution}}`,
  );

for (const [title, before, after, expected] of [
  [
    "a port that a route leads to goes",
    service("api"),
    service("api", { port: 81 }),
    ["host-not-found", "port-not-found"],
  ],
  ["a port that a route leads to comes", service("api", { port: 81 }), service("api"), ["host-not-found"]],
  ["a host that a route leads to comes", service("api"), service("api") + service("ap"), []],
  ["a host that a route leads to goes", service("api") + service("ap"), service("api"), ["host-not-found"]],
  [
    "a name comes that is nearer to one that is not there",
    service("other"),
    service("apx"),
    ["host-not-found", "host-not-found"],
  ],
  [
    "a wildcard comes that stands for it",
    service("api"),
    service("api") + entry('"*.default.svc.cluster.local"', "NONE"),
    [],
  ],
] satisfies readonly [string, string, string, readonly string[]][]) {
  test(title, (t) => {
    const others = readFile(web, defaultMeshConfig);
    const services = (text: string) => readFile({ name: "services.yaml", text }, defaultMeshConfig);
    const joined = joinFiles([services(before), others]);
    const { diagnostics } = joinFiles([services(after), others], undefined, joined);
    t.deepEqual(
      diagnostics,
      compileMesh({ files: [{ name: "services.yaml", text: after }, web] }).diagnostics,
    );
    t.notDeepEqual(diagnostics, joined.diagnostics);
    t.deepEqual(diagnostics.map(({ code }) => code).sort(), expected);
  });
}
