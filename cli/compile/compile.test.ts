import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { parse } from "yaml";
import { folderWith, reviews, runInProcess, withWeights } from "../testing/terminal.ts";

test("every proxy that the files imply, as YAML keyed by proxy and type", async (t) => {
  const { code, out, err } = await runInProcess(["compile", folderWith(t, reviews)]);
  t.is(code, 0);
  t.is(err, "");
  const meshes = parse(out);
  t.deepEqual(Object.keys(meshes), ["reviews-v1.default", "reviews-v2.default"]);
  t.deepEqual(Object.keys(meshes["reviews-v1.default"]), ["clusters", "endpoints", "listeners", "routes"]);
  const [table] = meshes["reviews-v1.default"].routes;
  t.is(table.name, "9080");
});

test("YAML and JSON say the same; JSON adds where it comes from", async (t) => {
  const folder = folderWith(t, reviews);
  const yaml = parse((await runInProcess(["compile", folder])).out);
  const json = JSON.parse((await runInProcess(["compile", folder, "--all", "-o", "json"])).out);
  const { origins, ...resources } = json["reviews-v1.default"];
  t.deepEqual(resources, yaml["reviews-v1.default"]);
  const file = join(folder, "mesh/services.yaml");
  t.deepEqual(
    origins.clusters["outbound|9080||reviews.default.svc.cluster.local"][0],
    `Service default/reviews (${file}:4)`,
  );
});

test("YAML names the objects above each resource", async (t) => {
  const argv = ["compile", folderWith(t, reviews), "--name", "reviews-v1", "--type", "routes"];
  const { out } = await runInProcess(argv);
  t.regex(out, /^# sidecar reviews-v1\.default\n"reviews-v1\.default":\n {2}routes:\n/);
  t.regex(out, /^ {4}# VirtualService default\/reviews \(.*policy\/reviews\.yaml:[\d, ]+\)$/m);
});

test("a workload of the files is taken from there", async (t) => {
  const { out } = await runInProcess([
    "compile",
    folderWith(t, reviews),
    "--name",
    "reviews-v2",
    "--stop-after",
    "view",
    "-o",
    "json",
  ]);
  t.like(JSON.parse(out)["reviews-v2.default"].proxy, {
    ip: "10.0.0.2",
    labels: { app: "reviews", version: "v2" },
    serviceAccount: "reviews",
  });
});

test("flags take the place of what the files say", async (t) => {
  const argv = [
    "compile",
    folderWith(t, reviews),
    "--name",
    "reviews-v2",
    "--stop-after",
    "view",
    "-o",
    "json",
  ];
  const { out } = await runInProcess([
    ...argv,
    "--ip",
    "10.9.9.9",
    "--label",
    "app=other",
    "--locality",
    "eu/a",
  ]);
  t.like(JSON.parse(out)["reviews-v2.default"].proxy, {
    ip: "10.9.9.9",
    labels: { app: "other" },
    serviceAccount: "reviews",
    locality: { region: "eu", zone: "a", subzone: "" },
  });
});

test("a name that the files do not have is a warning, unless labels say what it is", async (t) => {
  const folder = folderWith(t, reviews);
  const bare = await runInProcess(["compile", folder, "--name", "stranger"]);
  t.is(bare.code, 0);
  t.regex(
    bare.err,
    /warning: no workload stranger is in the files \(they imply for example reviews-v1\.default/,
  );
  const labelled = await runInProcess(["compile", folder, "--name", "stranger", "--label", "app=x"]);
  t.is(labelled.err, "");
  t.deepEqual(Object.keys(parse(labelled.out)), ["stranger.default"]);
});

test("labels that a Gateway selects make a router", async (t) => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: edge }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
`;
  const folder = folderWith(t, { ...reviews, "gateway.yaml": gateway });
  const { out } = await runInProcess(["compile", folder, "--name", "edge", "--label", "istio=edge"]);
  t.regex(out, /^# router edge\.default\n/);
});

test("errors are told, and what is good is compiled", async (t) => {
  const folder = folderWith(t, { ...reviews, "broken.yaml": "a: [" });
  const { code, out, err } = await runInProcess(["compile", folder, "--type", "clusters"]);
  t.is(code, 1);
  t.regex(err, /^error\[yaml-syntax\]/);
  t.regex(err, /\n1 error\n$/);
  t.is(Object.keys(parse(out)).length, 2);
});

test("each stage can be printed, as YAML and as JSON", async (t) => {
  const folder = folderWith(t, reviews);
  for (const stage of ["parse", "mesh", "view"]) {
    const yaml = await runInProcess(["compile", folder, "--stop-after", stage]);
    const json = await runInProcess(["compile", folder, "--stop-after", stage, "-o", "json"]);
    t.is(yaml.code, 0, stage);
    t.deepEqual(parse(yaml.out), JSON.parse(json.out), stage);
  }
});

test("no stage prints a private key", async (t) => {
  const secret = `apiVersion: v1
kind: Secret
metadata: { name: cert }
type: kubernetes.io/tls
stringData:
  tls.crt: "-----BEGIN CERTIFICATE-----\\npublic\\n-----END CERTIFICATE-----\\n"
  tls.key: "-----BEGIN PRIVATE KEY-----\\nhush\\n-----END PRIVATE KEY-----\\n"
`;
  const folder = folderWith(t, { ...reviews, "secret.yaml": secret });
  for (const stage of ["parse", "mesh", "view", "envoy"]) {
    const { out } = await runInProcess(["compile", folder, "--stop-after", stage]);
    t.notRegex(out, /hush/, stage);
  }
});

test("--out writes a file per proxy and type, and again only what changed", async (t) => {
  const folder = folderWith(t, reviews);
  const golden = join(folder, "golden");
  const first = await runInProcess([
    "compile",
    join(folder, "mesh"),
    join(folder, "policy"),
    "--out",
    golden,
  ]);
  t.is(first.out, "");
  t.regex(first.err, /: 8 files for 2 proxies \(8 written, 0 unchanged, 0 stale removed\)\n$/);
  t.deepEqual(readdirSync(golden).slice(0, 2), [
    "reviews-v1.default.clusters.yaml",
    "reviews-v1.default.endpoints.yaml",
  ]);
  const again = await runInProcess([
    "compile",
    join(folder, "mesh"),
    join(folder, "policy"),
    "--out",
    golden,
  ]);
  t.regex(again.err, /\(0 written, 8 unchanged, 0 stale removed\)/);
});

test("--out removes what it wrote before and would not write now, and nothing else", async (t) => {
  const folder = folderWith(t, reviews);
  const golden = join(folder, "golden");
  const run = (...more: string[]) =>
    runInProcess(["compile", join(folder, "mesh"), join(folder, "policy"), "--out", golden, ...more]);
  await run();
  writeFileSync(join(golden, "mine.default.routes.yaml"), "- my own notes\n");
  writeFileSync(
    join(folder, "mesh/workloads.yaml"),
    (reviews["mesh/workloads.yaml"] ?? "").split("---\n")[0] ?? "",
  );
  const one = await run("--name", "reviews-v1");
  t.regex(one.err, /0 stale removed/);
  const routes = await run("--type", "routes");
  t.regex(routes.err, /1 stale removed/);
  t.true(existsSync(join(golden, "reviews-v2.default.clusters.yaml")));
  const all = await run();
  t.regex(all.err, /3 stale removed/);
  t.is(readFileSync(join(golden, "mine.default.routes.yaml"), "utf8"), "- my own notes\n");
});

test("--out does not overwrite a file that is not its own", async (t) => {
  const folder = folderWith(t, { ...reviews, "out/reviews-v1.default.clusters.yaml": "mine\n" });
  const { code, err } = await runInProcess(["compile", join(folder, "mesh"), "--out", join(folder, "out")]);
  t.is(code, 1);
  t.regex(err, /reviews-v1\.default\.clusters\.yaml is not a file of Fairlead's/);
});

test("a golden changes when its meaning does, not when lines move", async (t) => {
  const folder = folderWith(t, reviews);
  const golden = join(folder, "golden");
  const run = () => runInProcess(["compile", join(folder, "mesh"), join(folder, "policy"), "--out", golden]);
  await run();
  writeFileSync(join(folder, "policy/reviews.yaml"), `# a remark\n\n${reviews["policy/reviews.yaml"]}`);
  t.regex((await run()).err, /\(0 written, 8 unchanged/);
  writeFileSync(join(folder, "policy/reviews.yaml"), withWeights(50, 50)["policy/reviews.yaml"] ?? "");
  t.regex((await run()).err, /\(2 written, 6 unchanged/);
});

test("flags that do not go together", async (t) => {
  const folder = folderWith(t, reviews);
  for (const flags of [
    ["--all", "--name", "reviews-v1"],
    ["--label", "app=reviews"],
    ["--stop-after", "mesh", "--out", "x"],
    ["--stop-after", "mesh", "--type", "routes"],
    ["--type", "everything"],
    ["--name", "a", "--ip", "not-an-address"],
  ]) {
    t.is((await runInProcess(["compile", folder, ...flags])).code, 2, flags.join(" "));
  }
});
