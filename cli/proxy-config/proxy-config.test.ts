// With a real server and a real Envoy, so that both commands are seen to read what the server says.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { parse } from "yaml";
import { envoyFrom, serve } from "../testing/server.ts";
import { reviews, runInProcess, withWeights } from "../testing/terminal.ts";

const proxy = "reviews-v1.default";

async function running(t: ExecutionContext) {
  const server = await serve(t);
  const envoy = await envoyFrom(t, [
    ...["--service-account", "reviews", "--state", server.state, "--xds", server.xdsTls],
  ]);
  await envoy.ready();
  const run = (...argv: readonly string[]) => runInProcess([...argv, "--http", server.http]);
  t.is((await run("status", "--wait", proxy)).code, 0);
  return { ...server, envoy, run };
}

/** Rows as lists of cells, without the headings. */
function cells(out: string): readonly (readonly string[])[] {
  const [, ...rows] = out.trimEnd().split("\n");
  return rows.map((row) => row.split(/ {3,}/));
}

test.serial("each type as a table, with the lines that it comes from", async (t) => {
  const { run, folder } = await running(t);
  const policy = join(folder, "policy/reviews.yaml");

  const clusters = await run("proxy-config", "cluster", proxy);
  t.is(clusters.code, 0);
  t.is(clusters.err, "");
  t.regex(clusters.out, /^SERVICE FQDN +PORT +SUBSET +DIRECTION +TYPE +DESTINATION RULE\n/);
  const host = "reviews.default.svc.cluster.local";
  const subset = cells(clusters.out).find((row) => row[0] === host && row[2] === "v1");
  t.deepEqual(subset, [host, "9080", "v1", "outbound", "EDS", `default/reviews ${policy}:4, 8`]);
  t.true(cells(clusters.out).some(([name, ...rest]) => name === "-" && rest.includes("inbound")));

  const routes = cells((await run("pc", "routes", "reviews-v1")).out);
  const route = routes.find(([, vhost]) => vhost === `${host}:9080`);
  t.is(route?.[0], "9080");
  t.is(route?.[3], "/*");
  t.regex(route?.[4] ?? "", new RegExp(`^default/reviews ${policy}:\\d+`));

  const listeners = cells((await run("pc", "l", proxy)).out);
  t.true(listeners.some((row) => row[1] === "9080" && row[3] === "Route: 9080"));
  t.true(listeners.some((row) => row[1] === "15006" && row[3] === "Inline Route: inbound|9080||"));

  const endpoints = cells((await run("pc", "endpoints", proxy)).out);
  t.true(endpoints.some((row) => row.join() === `10.0.0.2:9080,HEALTHY,outbound|9080|v2|${host}`));

  const all = (await run("pc", "all", proxy)).out;
  for (const type of ["clusters", "listeners", "routes", "endpoints", "secrets"]) {
    t.regex(all, new RegExp(`^${type}$`, "m"));
  }
});

test.serial("secrets are shown by name, kind and validity, in no form with their content", async (t) => {
  const { run } = await running(t);
  const { out } = await run("pc", "secret", proxy);
  const rows = cells(out);
  t.deepEqual(
    rows.map(([name, type]) => [name, type]),
    [
      ["ROOTCA", "CA"],
      ["default", "Cert Chain"],
    ],
  );
  for (const [, , until = ""] of rows) t.true(Date.parse(until) > Date.now());
  for (const format of ["text", "json", "yaml"]) {
    for (const type of ["secret", "all"]) {
      t.notRegex((await run("pc", type, proxy, "-o", format)).out, /-----BEGIN/, `${type} ${format}`);
    }
  }
});

test.serial("data: resources with their origins, the same in JSON and YAML", async (t) => {
  const { run } = await running(t);
  const [json, yaml] = [
    await run("pc", "routes", proxy, "-o", "json"),
    await run("pc", "r", proxy, "-o", "yaml"),
  ];
  const tables = JSON.parse(json.out);
  t.deepEqual(parse(yaml.out), tables);
  const table = tables.find(({ name }: { name: string }) => name === "9080");
  t.is(table.resource.name, "9080");
  t.true(table.origins.some((origin: string) => origin.startsWith("VirtualService default/reviews ")));
});

test.serial("after a change, waiting is enough to see it everywhere", async (t) => {
  const { run, envoy, folder } = await running(t);
  for (const weight of [55, 65, 75]) {
    const text = withWeights(weight, 100 - weight)["policy/reviews.yaml"] ?? "";
    writeFileSync(join(folder, "policy/reviews.yaml"), text);
    const { code, err } = await run("status", "--wait", "--timeout", "10s");
    t.is(code, 0, err);
    t.regex(await envoy.admin("/config_dump"), new RegExp(`"weight": ${weight}`));
  }
  const { out } = await run("status");
  t.regex(out, new RegExp(`^${proxy} +${Array(6).fill("SYNCED \\(\\d+s\\)").join(" +")}\\n$`, "m"));
});

test.serial("what a proxy refuses is named with its lines, and waiting for it fails", async (t) => {
  const { run, folder } = await running(t);
  // Well-formed, and refused by Envoy alone: it knows what the extension makes of its argument.
  const file = join(folder, "policy/reviews.yaml");
  const text = (reviews["policy/reviews.yaml"] ?? "").replace(
    "    - route:",
    "    - headers: { request: { set: { x-test: '%CEL(request.path ==)%' } } }\n      route:",
  );
  writeFileSync(file, text);
  const { code, out, err } = await run("status", "--wait", "--timeout", "10s");
  t.is(code, 1);
  t.regex(err, /error: refused: reviews-v1\.default \(VHDS\)/);
  t.regex(out, /^VHDS refused by reviews-v1\.default: .*Syntax error/m);
  t.true(out.includes(`    ${file}:`), out);
  t.regex(
    (await run("pc", "routes", proxy)).err,
    /^warning: .*does not have all of these routes: VHDS is NACKED/,
  );
  writeFileSync(file, reviews["policy/reviews.yaml"] ?? "");
  t.is((await run("status", "--wait")).code, 0);
});

test.serial("a proxy that is not connected, and a type that does not exist", async (t) => {
  const { run } = await running(t);
  const missing = await run("pc", "all", "ratings-v1.default");
  t.is(missing.code, 1);
  t.is(missing.err, `error: no proxy ratings-v1.default is connected; these are: ${proxy}\n`);
  const wrong = await run("pc", "pods", proxy);
  t.is(wrong.code, 2);
  t.regex(wrong.err, /one of all, cluster, listener, route, endpoint, secret/);
});
