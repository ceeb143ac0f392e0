import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FETCHED_ENVOY, findOnPath, locateEnvoy } from "./locate.ts";

/** A folder with an `envoy` that says it is `version`; removed after the test. */
function fakeEnvoy(t: { teardown: (fn: () => void) => void }, version: string): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-locate-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "envoy");
  writeFileSync(path, `#!/bin/sh\necho "envoy  version: 0123abc/${version}/Clean/RELEASE/BoringSSL"\n`);
  chmodSync(path, 0o755);
  return path;
}

test("ENVOY_BIN goes before PATH", (t) => {
  const given = fakeEnvoy(t, "1.38.2");
  const onPath = fakeEnvoy(t, "1.39.0");
  t.deepEqual(locateEnvoy({ ENVOY_BIN: given, PATH: join(onPath, "..") }), {
    path: given,
    version: "1.38.2",
    why: "Envoy 1.38.2, because ENVOY_BIN names it",
  });
});

test("ENVOY_BIN that is too old, absent or not Envoy is a problem that names the way on", (t) => {
  const old = fakeEnvoy(t, "1.20.0");
  const tooOld = locateEnvoy({ ENVOY_BIN: old });
  t.regex("problem" in tooOld ? tooOld.problem : "", /1\.20\.0; 1\.36\.0 or later is needed.*unset it/);
  const absent = locateEnvoy({ ENVOY_BIN: "/nowhere/envoy" });
  t.regex(
    "problem" in absent ? absent.problem : "",
    /ENVOY_BIN is \/nowhere\/envoy, and there is no file there/,
  );
  const other = locateEnvoy({ ENVOY_BIN: "/bin/true" });
  t.regex("problem" in other ? other.problem : "", /does not answer/);
});

test("a recent envoy on PATH goes before the fetched one, an old one does not and is mentioned", (t) => {
  const recent = fakeEnvoy(t, "1.36.0");
  const used = locateEnvoy({ PATH: join(recent, "..") });
  t.is("path" in used ? used.path : used.problem, recent);

  const old = fakeEnvoy(t, "1.35.9");
  const passedOver = locateEnvoy({ PATH: join(old, "..") });
  t.false("path" in passedOver && passedOver.path === old);
  if ("path" in passedOver) {
    t.is(passedOver.path, FETCHED_ENVOY);
    t.true(passedOver.why.includes("is 1.35.9, older than 1.36.0"));
  }
});

test("a replaced binary is looked at again", (t) => {
  const path = fakeEnvoy(t, "1.38.0");
  locateEnvoy({ ENVOY_BIN: path });
  writeFileSync(path, `#!/bin/sh\necho "envoy  version: 0123abc/1.39.10/Clean/RELEASE/BoringSSL"\n`);
  const again = locateEnvoy({ ENVOY_BIN: path });
  t.is("version" in again ? again.version : again.problem, "1.39.10");
});

test("relative entries of PATH are not searched", (t) => {
  t.is(findOnPath("sh", "bin:.:"), undefined);
  t.regex(findOnPath("sh", "/nowhere:/bin") ?? "", /^\/bin\/sh$/);
});
