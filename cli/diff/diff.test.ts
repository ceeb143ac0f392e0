import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { folderWith, reviews, runInProcess, withWeights, writeFiles } from "../testing/terminal.ts";

test("no difference where only order and formatting differ", async (t) => {
  const shuffled = (reviews["policy/reviews.yaml"] ?? "").split("---\n").reverse().join("---\n# a remark\n");
  const other = folderWith(t, { ...reviews, "policy/reviews.yaml": "", "elsewhere/all.yaml": shuffled });
  t.deepEqual(await runInProcess(["diff", folderWith(t, reviews), other]), {
    code: 0,
    out: "",
    err: "no object written differently; no difference for 2 proxies\n",
  });
});

test("a weight that moved, with its path, its proxies and its line", async (t) => {
  const after = folderWith(t, withWeights(50, 50));
  const { code, out, err } = await runInProcess(["diff", folderWith(t, reviews), after]);
  t.is(code, 1);
  const cluster = (version: string) => `outbound|9080|${version}|reviews.default.svc.cluster.local`;
  const path =
    "virtualHosts[reviews.default.svc.cluster.local:9080].routes[0].route.weightedClusters.clusters";
  t.is(
    out,
    `2 proxies: reviews-v1.default, reviews-v2.default
  ~ routes 9080
      ${path}[${cluster("v1")}].weight: 80 → 50
      ${path}[${cluster("v2")}].weight: 20 → 50
      from VirtualService default/reviews (${join(after, "policy/reviews.yaml")}:18, 23)
`,
  );
  t.is(err, "1 object written differently; 2 of 2 proxies affected\n");
});

test("JSON has all of it", async (t) => {
  const argv = ["diff", folderWith(t, reviews), folderWith(t, withWeights(50, 50)), "-o", "json"];
  const { code, out } = await runInProcess(argv);
  t.is(code, 1);
  const diff = JSON.parse(out);
  t.like(diff, { version: 1, same: false, compared: 2 });
  t.like(diff.objects, [{ state: "changed", kind: "VirtualService", namespace: "default", name: "reviews" }]);
  const [resource] = diff.proxies["reviews-v1.default"].resources;
  t.like(resource, { type: "routes", name: "9080", state: "changed" });
  t.like(resource.changes[0], { kind: "changed", before: 80, after: 50 });
});

test("a stricter mutual TLS drains part of the inbound listener, and says so", async (t) => {
  const strict = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default }
spec: { mtls: { mode: STRICT } }
`;
  const after = folderWith(t, { ...reviews, "policy/strict.yaml": strict });
  const { out } = await runInProcess(["diff", folderWith(t, reviews), after]);
  t.regex(out, / {2}~ listeners virtualInbound\n/);
  t.regex(out, /drains part of listener virtualInbound: only connections of /);
});

test("proxies of one side only are listed", async (t) => {
  const one = (reviews["mesh/workloads.yaml"] ?? "").split("---\n")[0] ?? "";
  const fewer = folderWith(t, { ...reviews, "mesh/workloads.yaml": one });
  const more = folderWith(t, reviews);
  const gained = await runInProcess(["diff", fewer, more]);
  t.is(gained.code, 1);
  t.regex(gained.out, /^\+ sidecar reviews-v2\.default \(only in the new files\)\n/);
  const lost = await runInProcess(["diff", more, fewer]);
  t.regex(lost.out, /^- sidecar reviews-v2\.default \(only in the old files\)\n/);
});

test("errors are shown with their side, and the rest is compared", async (t) => {
  const after = folderWith(t, { ...reviews, "broken.yaml": "a: [" });
  const { code, err } = await runInProcess(["diff", folderWith(t, reviews), after]);
  t.is(code, 0);
  t.regex(err, /^in the new files:\nerror\[yaml-syntax\]/);
});

test("trouble of any kind is exit code 2, because 1 means different", async (t) => {
  const folder = folderWith(t, reviews);
  t.is((await runInProcess(["diff", folder])).code, 2);
  t.is((await runInProcess(["diff", folder, "/no/such/folder"])).code, 2);
  t.is((await runInProcess(["diff", folder, folder, folder])).code, 2);
});

// These look at the folder that the process is in, so one after the other.
test.serial("--git compares the working folder with a commit", async (t) => {
  const folder = folderWith(t, reviews);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
  const before = process.cwd();
  process.chdir(folder);
  t.teardown(() => process.chdir(before));

  t.is((await runInProcess(["diff", "--git", "HEAD"])).code, 0);
  writeFiles(folder, withWeights(70, 30));
  const changed = await runInProcess(["diff", "--git", "HEAD"]);
  t.is(changed.code, 1);
  t.regex(changed.out, /weight: 80 → 70/);
  t.regex(changed.out, /from VirtualService default\/reviews \(policy\/reviews\.yaml:18, 23\)/);
  t.regex((await runInProcess(["diff", "--git", "HEAD", "mesh"])).err, /^no object written differently/);

  rmSync(join(folder, "policy"), { recursive: true });
  const gone = await runInProcess(["diff", "--git", "HEAD", "policy", "mesh"]);
  t.is(gone.code, 1);
  t.regex(gone.err, /2 objects written differently/);

  const unknown = await runInProcess(["diff", "--git", "no-such-branch"]);
  t.is(unknown.code, 2);
  t.regex(unknown.err, /git knows no commit no-such-branch/);
  t.is((await runInProcess(["diff", "--git", "HEAD", "no-such-folder"])).code, 2);
});

test.serial("--git outside a repository says so", async (t) => {
  const before = process.cwd();
  process.chdir(folderWith(t, reviews));
  t.teardown(() => process.chdir(before));
  const { code, err } = await runInProcess(["diff", "--git", "HEAD"]);
  t.is(code, 2);
  t.regex(err, /not in a git repository/);
});
