import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import test from "ava";
import { expiredCertificate, expiredKey } from "../../compiler/testing/credentials.ts";
import { folderWith, reviews, runInProcess } from "../testing/terminal.ts";

const badRoute = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: bad
spec:
  hosts:
    - reviews
  http:
    - matsch: []
      route:
        - destination:
            host: reviews
`;

test("clean files: nothing on stdout, a summary on stderr, exit code 0", async (t) => {
  const folder = folderWith(t, reviews);
  t.deepEqual(await runInProcess(["validate", folder]), {
    code: 0,
    out: "",
    err: "no problems in 3 files (5 objects)\n",
  });
});

test("an error is shown under a caret and makes the exit code 1", async (t) => {
  const folder = folderWith(t, { "bad.yaml": badRoute });
  const { code, out, err } = await runInProcess(["validate", folder, "--schema-only"]);
  t.is(code, 1);
  t.is(
    out,
    `error[unknown-field]: unknown field "matsch"; did you mean "match"?
 --> ${join(folder, "bad.yaml")}:9:7
  |
9 |     - matsch: []
  |       ^^^^^^

`,
  );
  t.is(err, "1 error in 1 file (1 object)\n");
});

test("--schema-only does not look for what an object refers to", async (t) => {
  const folder = folderWith(t, { "reviews.yaml": reviews["policy/reviews.yaml"] ?? "" });
  const alone = await runInProcess(["validate", folder, "--schema-only"]);
  t.is(alone.code, 0);
  t.is(alone.out, "");
  const together = await runInProcess(["validate", folder]);
  t.regex(together.out, /\[host-not-found\]/);
});

test("standard input is a file like any other", async (t) => {
  const { code, out } = await runInProcess(["validate", "-", "--schema-only"], { stdin: badRoute });
  t.is(code, 1);
  t.regex(out, /<stdin>:9:7/);
});

test("wrong usage: no path, a path that is not there, flags that exclude each other", async (t) => {
  t.is((await runInProcess(["validate"])).code, 2);
  const missing = await runInProcess(["validate", "/no/such/folder"]);
  t.is(missing.code, 2);
  t.is(missing.err, "error: /no/such/folder does not exist\n");
  t.is((await runInProcess(["validate", ".", "--schema-only", "--envoy"])).code, 2);
  t.is((await runInProcess(["validate", ".", "--mesh-config", "/no/such/file"])).code, 2);
});

test("an empty folder is worth a warning", async (t) => {
  const { code, err } = await runInProcess(["validate", folderWith(t, { "README.md": "#" })]);
  t.is(code, 0);
  t.regex(err, /warning: no policy files in /);
});

test("a mesh config among the policy files is not policy", async (t) => {
  const folder = folderWith(t, { ...reviews, "mesh-config.yaml": "trustDomain: example.org\n" });
  const { out, err } = await runInProcess([
    "validate",
    folder,
    "--mesh-config",
    join(folder, "mesh/../mesh-config.yaml"),
  ]);
  t.is(out, "");
  t.is(err, "no problems in 3 files (5 objects)\n");
});

test("colours wrap the same text", async (t) => {
  const argv = ["validate", "-", "--schema-only"];
  const plain = await runInProcess(argv, { stdin: badRoute });
  const colored = await runInProcess(argv, { stdin: badRoute, color: true });
  t.not(colored.out, plain.out);
  t.is(stripVTControlCharacters(colored.out), plain.out);
});

test("JSON counts and places everything", async (t) => {
  const { code, out } = await runInProcess(["validate", "-", "--schema-only", "-o", "json"], {
    stdin: badRoute,
  });
  t.is(code, 1);
  const report = JSON.parse(out);
  t.is(report.version, 1);
  t.deepEqual(report.summary, { files: 1, objects: 1, errors: 1, warnings: 0, infos: 0 });
  t.like(report.diagnostics[0], {
    code: "unknown-field",
    position: { file: "<stdin>", line: 9, column: 7, length: 6 },
    object: { kind: "VirtualService", namespace: "default", name: "bad" },
    path: "spec.http[0].matsch",
  });
});

test("GitHub annotations escape what the command syntax means otherwise", async (t) => {
  const folder = folderWith(t, { "a,b:c.yaml": badRoute });
  const { out } = await runInProcess(["validate", folder, "--schema-only", "-o", "github"]);
  t.regex(
    out,
    /^::error file=[^,:]*a%2Cb%3Ac\.yaml,line=9,col=7,endColumn=13,title=unknown-field::unknown field "matsch"/,
  );
});

test("SARIF has a rule for every result and places that services understand", async (t) => {
  const folder = folderWith(t, { "with space.yaml": badRoute });
  const { out } = await runInProcess(["validate", folder, "--schema-only", "-o", "sarif"]);
  const log = JSON.parse(out);
  t.is(log.version, "2.1.0");
  const [run] = log.runs;
  t.is(run.tool.driver.name, "fairlead");
  for (const result of run.results) t.is(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
  const [{ physicalLocation }] = run.results[0].locations;
  t.regex(physicalLocation.artifactLocation.uri, /^file:\/\/\/.*\/with%20space\.yaml$/);
  t.deepEqual(physicalLocation.region, { startLine: 9, startColumn: 7, endColumn: 13 });
});

test("--envoy asks the real one about every proxy", async (t) => {
  const { code, err } = await runInProcess(["validate", folderWith(t, reviews), "--envoy"]);
  t.is(code, 0);
  t.regex(err, /^asked Envoy \d+\.\d+\.\d+ about 2 proxies\n/);
});

test("--envoy tells once what many resources are refused for, with the proxies", async (t) => {
  const folder = folderWith(t, reviews);
  const settings = folderWith(t, {
    // What stands in the brackets is the extension's business, and only Envoy has it.
    "mesh.yaml": "accessLogFile: /dev/stdout\naccessLogFormat: '%CEL(request.path ==)%'\n",
  });
  const argv = ["validate", folder, "--mesh-config", join(settings, "mesh.yaml"), "--envoy"];
  const { code, out } = await runInProcess(argv);
  t.is(code, 1);
  t.is(out.match(/error\[envoy\]/g)?.length, 1);
  t.regex(out, /error\[envoy\]: Envoy refuses listeners \S+ and \d+ more: .*Syntax error/);
  t.regex(out, /= proxies: reviews-v1\.default, reviews-v2\.default/);
});

test("a certificate whose time is over is a warning at its Secret, of which nothing is shown", async (t) => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const folder = folderWith(t, {
    "web.yaml": `apiVersion: v1
kind: Secret
metadata: { name: web, namespace: istio-system }
data:
  tls.crt: ${base64(expiredCertificate)}
  tls.key: ${base64(expiredKey)}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: istio-system }
spec:
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, credentialName: web }
`,
  });
  const { code, out, err } = await runInProcess(["validate", folder]);
  t.is(code, 0);
  t.is(
    out,
    `warning[credential-expired]: the certificate of web expired at 2021-01-01T00:00:00Z
 --> ${join(folder, "web.yaml")}:3:19
  = help: renew it: whoever verifies it refuses the connection

`,
  );
  t.is(err, "1 warning in 1 file (2 objects)\n");
});
