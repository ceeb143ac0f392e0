// Which service a connection or a request is for, where several have the port: by address, by SNI, by Host.

import test from "ava";
import type { Control } from "../end-to-end/control.ts";
import { places } from "./cast.ts";
import { startTransparentMesh, type TransparentMesh } from "./mesh.ts";
import { whatIsMissing } from "./namespaces.ts";

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
