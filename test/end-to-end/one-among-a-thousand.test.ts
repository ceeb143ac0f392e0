// A thousand good routes in one table, and a few bad ones: each bad one is answered by what it said last or by a 500 of its
// own, every other host is the same to the byte, and what is mended counts at once.

import test, { type ExecutionContext } from "ava";
import { type Mesh, startMesh } from "./mesh.ts";

const port = 21500;
const count = 1000;
const perFile = 100;

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, hosts: ["*"] }]
`;

/** A route that answers for `h<number>.example` by itself. */
const route = (number: number, status: string, header = "short") => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: h${number}, namespace: shop }
spec:
  hosts: [h${number}.example]
  gateways: [front]
  http:
    - match: [{ uri: { prefix: / } }]
      headers: { request: { add: { x-note: ${header} } } }
      directResponse: { status: ${status} }
`;

/** Longer than Envoy takes a header to be. Nobody but the last check before the proxy knows. */
const tooLong = "x".repeat(20_000);

let mesh: Mesh;

/** The routes that are not 200, by number. */
type Odd = Readonly<Record<number, string>>;

function fileAt(first: number, odd: Odd): string {
  const numbers = Array.from({ length: perFile }, (_, index) => first + index);
  return numbers.map((number) => odd[number] ?? route(number, "200")).join("---");
}

/** Writes the files in which something is odd now. */
async function edit(odd: Odd): Promise<void> {
  const files = new Map<string, string>();
  for (const number of Object.keys(odd).map(Number)) {
    const first = number - (number % perFile);
    if (first < count) files.set(`routes-${first}.yaml`, fileAt(first, odd));
    else files.set(`new-${number}.yaml`, odd[number] ?? "");
  }
  await mesh.edit(Object.fromEntries(files));
}

const statusOf = async (number: number) =>
  (await mesh.knock("ingress", { port, headers: { host: `h${number}.example` } })).status;

/** Each virtual host of the gateway as its Envoy has it. */
async function hosts(): Promise<ReadonlyMap<string, string>> {
  const dump = await mesh.envoy("ingress").admin("/config_dump?resource=dynamic_route_configs");
  const { configs } = JSON.parse(dump) as {
    readonly configs: readonly {
      readonly route_config: { readonly virtual_hosts: readonly { readonly name: string }[] };
    }[];
  };
  return new Map(
    configs.flatMap(({ route_config }) =>
      route_config.virtual_hosts.map((host) => [host.name, JSON.stringify(host)]),
    ),
  );
}

/** The numbers of the routes whose hosts are not what they were. */
function different(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly number[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => Number(/h(\d+)\.example/.exec(name)?.[1]))
    .sort((a, b) => a - b);
}

/** The places of the mistakes that are known. */
const mistakes = () =>
  mesh.control.plane
    .world()
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ position }) => position.file.replace(/.*\//, ""));

test.before(async () => {
  mesh = await startMesh({
    net: 40,
    members: [{ name: "ingress", at: 2, envoy: "gateway" }],
    files: {
      "gateway.yaml": gateway,
      ...Object.fromEntries(
        Array.from({ length: count / perFile }, (_, index) => [
          `routes-${index * perFile}.yaml`,
          fileAt(index * perFile, {}),
        ]),
      ),
    },
  });
});

test.after.always(() => mesh?.stop());

async function statuses(t: ExecutionContext, expected: Readonly<Record<number, number>>): Promise<void> {
  for (const [number, status] of Object.entries(expected))
    t.is(await statusOf(Number(number)), status, number);
}

test.serial("a thousand routes", async (t) => {
  t.is((await hosts()).size, count);
  await statuses(t, { 0: 200, 500: 200, 999: 200 });
});

test.serial("a mistake in one: it goes on as it was, its neighbour in the same save changes", async (t) => {
  const before = await hosts();
  await edit({ 500: route(500, "many"), 501: route(501, "202") });
  t.deepEqual(different(before, await hosts()), [501]);
  await statuses(t, { 500: 200, 501: 202, 499: 200 });
  t.deepEqual(mistakes(), ["routes-500.yaml"]);
  await edit({ 500: route(500, "203") });
  await statuses(t, { 500: 203, 501: 200 });
  t.deepEqual(mistakes(), []);
  t.deepEqual(different(before, await hosts()), [500]);
});

test.serial("something that only Envoy would refuse: the same", async (t) => {
  const before = await hosts();
  await edit({ 700: route(700, "204", tooLong), 701: route(701, "202") });
  t.deepEqual(different(before, await hosts()), [701]);
  await statuses(t, { 700: 200, 701: 202, 699: 200 });
  await edit({ 700: route(700, "203") });
  await statuses(t, { 700: 203, 701: 200 });
  t.deepEqual(different(before, await hosts()), [700]);
});

test.serial(
  "new ones that are bad: a 500 of its own, or nothing where no route can be made of it",
  async (t) => {
    const before = await hosts();
    await edit({ 1001: route(1001, "200", tooLong), 1002: route(1002, "many"), 1003: route(1003, "202") });
    t.deepEqual(different(before, await hosts()), [1001, 1003]);
    await statuses(t, { 1001: 500, 1002: 404, 1003: 202, 0: 200 });
    await edit({ 1001: route(1001, "201"), 1002: route(1002, "203"), 1003: route(1003, "202") });
    await statuses(t, { 1001: 201, 1002: 203, 1003: 202 });
    t.deepEqual(different(before, await hosts()), [1001, 1002, 1003]);
    t.deepEqual(mesh.control.nacks, [], "none of it ever reached the proxy");
  },
);
