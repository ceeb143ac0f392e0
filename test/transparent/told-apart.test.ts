// Which service a connection or a request is for, where several have the port: by address, by SNI, by Host. Without root these
// tests say so and are skipped.

import test from "ava";
import type { Control } from "../end-to-end/control.ts";
import { places } from "./cast.ts";
import { startTransparentMesh, type TransparentMesh } from "./mesh.ts";
import { whatIsMissing } from "./namespaces.ts";
import { registryOnly } from "./policies.ts";

const missing = whatIsMissing();
const run = missing === undefined ? test.serial : test.serial.skip;

let mesh: TransparentMesh | undefined;
let control: Control;
let the: TransparentMesh["the"];

test.before(async () => {
  if (missing !== undefined) return;
  mesh = await startTransparentMesh(59);
  ({ control, the } = mesh);
});

test.after.always(() => mesh?.stop());

if (missing !== undefined) test(`skipped: ${missing}`, (t) => t.pass());

run(
  "TLS for one host of a wildcard goes where its rule says, and the others where they meant to",
  async (t) => {
    await control.policy(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: wild, namespace: shop }
spec:
  hosts: ["*.wild.example"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: own, namespace: shop }
spec:
  hosts: [own.example]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: ${places.legacy} }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec:
  hosts: [api.wild.example]
  tls:
    - match: [{ sniHosts: [api.wild.example], port: 443 }]
      route: [{ destination: { host: own.example } }]
`);
    const call = (serverName: string) =>
      the("client").getTls({ host: places.outside, port: 443, serverName });
    t.is((await call("api.wild.example")).server, "legacy-tls");
    t.is((await call("other.wild.example")).server, "outside-tls");
    t.is((await call("own.example")).server, "legacy-tls");
  },
);

const onPort8081 = (name: string, portName: string, spec: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { ports: [{ name: ${portName}, port: 8081 }], ${spec} }
`;

const neighbours = [
  onPort8081("second", "some", "clusterIP: 10.96.0.20, selector: { app: reviews, version: v2 }"),
  onPort8081("other", "some", "clusterIP: 10.96.0.21, selector: { app: reviews }"),
  onPort8081("peers", "some", "clusterIP: None, selector: { app: reviews }"),
  onPort8081("named", "http", "clusterIP: 10.96.0.22, selector: { app: reviews, version: v1 }"),
].join("---");

const teapot = (name: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${name}]
  http: [{ directResponse: { status: 418 } }]
`;

run(
  "HTTP on a detected port is for the service at whose address it comes, whatever host it names",
  async (t) => {
    const get = (address: string, host: string) =>
      the("client").get(`http://${address}:8081/`, { headers: { host } });
    for (const more of ["", registryOnly]) {
      await control.policy(neighbours, teapot("other"), more);
      for (const host of ["second.shop", "other.shop", "unknown.example", "10.96.0.21:8081"]) {
        const answer = await get("10.96.0.20", host);
        t.is(answer.server, "reviews-v2", host);
        t.regex(answer.seen?.headers["x-forwarded-client-cert"] ?? "", /sa\/client/, host);
        t.is((await get("10.96.0.21", host)).status, 418, host);
      }
      for (const name of ["reviews-v1", "reviews-v2"] as const) {
        t.is(
          (await get(places[name], "other.shop")).server,
          name,
          "a headless service, at the address of a pod",
        );
      }
      t.is((await get("10.96.0.22", "named.shop")).server, "reviews-v1");
      t.is((await get("10.96.0.22", "other.shop")).status, 418, "where HTTP is declared, the name decides");
    }
    await control.policy(neighbours, teapot("second"));
    t.is((await get("10.96.0.20", "other.shop")).status, 418);
    t.regex((await get("10.96.0.21", "second.shop")).server, /^reviews-v[12]$/);
  },
);
