import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { in2027 } from "../testing/foreign.ts";
import { accepted, freshDirectory, refused } from "../testing/world.ts";
import { openSelfSigned, type RootWish } from "./index.ts";

const wish = (over: Partial<RootWish> = {}): RootWish => ({
  trustDomain: "cluster.local",
  now: in2027,
  backdateMs: 120_000,
  entropy: crypto.getRandomValues(new Uint8Array(16)),
  ...over,
});
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("ok/made once, found again, and nobody else can read it", async (t) => {
  const state = join(freshDirectory(), "not", "there", "yet");
  const first = accepted(await openSelfSigned(state, wish()));
  const again = accepted(await openSelfSigned(state, wish({ now: in2027 + 1000 })));
  t.is(again.trustBundlePem, first.trustBundlePem);
  t.deepEqual(first.warnings, []);
  t.is(modeOf(join(state, "ca")), "700");
  t.is(modeOf(join(state, "ca", "root-key.pem")), "600");
  t.is(modeOf(join(state, "ca", "root-cert.pem")), "600");
  t.deepEqual(readdirSync(state), ["ca"], "nothing half-written is left beside it");
});

test("ok/ten years from now, begun a little earlier, and no CA below it", async (t) => {
  const { certificate, window } = accepted(await openSelfSigned(undefined, wish()));
  t.is(window.notBefore, in2027 - 120_000);
  t.is(new Date(window.notAfter).getUTCFullYear(), 2036);
  t.true(certificate.ca);
  t.is(certificate.pathLength, 0);
  t.is(certificate.native.subject, "O=cluster.local\nCN=Fairlead root CA");
});

test("ok/processes that start at the same moment agree on one root", async (t) => {
  const state = freshDirectory();
  const opened = await Promise.all(Array.from({ length: 6 }, () => openSelfSigned(state, wish())));
  const bundles = new Set(opened.map((issuer) => accepted(issuer).trustBundlePem));
  t.is(bundles.size, 1);
  t.deepEqual(readdirSync(state), ["ca"]);
});

test("ok/a key that others can read is a warning with the command that puts it right", async (t) => {
  const state = freshDirectory();
  await openSelfSigned(state, wish());
  const key = join(state, "ca", "root-key.pem");
  chmodSync(key, 0o644);
  t.deepEqual(accepted(await openSelfSigned(state, wish())).warnings, [
    {
      code: "exposed",
      where: key,
      message: "other users can reach the file (mode 0644)",
      help: `Run: chmod 600 ${key}`,
    },
  ]);
});

const damages: Record<string, readonly [file: string, damage: (path: string) => void, code: string]> = {
  "the key is gone": ["root-key.pem", (path) => rmSync(path), "missing"],
  "the certificate is gone": ["root-cert.pem", (path) => rmSync(path), "missing"],
  "the key is empty": ["root-key.pem", (path) => writeFileSync(path, ""), "malformed"],
  "the certificate is cut off": [
    "root-cert.pem",
    (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 300)),
    "malformed",
  ],
  "the key is a directory": [
    "root-key.pem",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    "unreadable",
  ],
};
for (const [name, [file, damage, code]] of Object.entries(damages)) {
  test(`fail/${name}: named, with what to do, and nothing made anew`, async (t) => {
    const state = freshDirectory();
    await openSelfSigned(state, wish());
    const other = file === "root-key.pem" ? "root-cert.pem" : "root-key.pem";
    const kept = readFileSync(join(state, "ca", other), "utf8");
    damage(join(state, "ca", file));
    const problems = refused(await openSelfSigned(state, wish()));
    t.deepEqual(
      problems.map((problem) => [problem.where, problem.code]),
      [[join(state, "ca", file), code]],
    );
    t.true(problems.every(({ help }) => help.length > 0));
    t.is(readFileSync(join(state, "ca", other), "utf8"), kept);
  });
}

test("fail/the key of another root", async (t) => {
  const [state, other] = [freshDirectory(), freshDirectory()];
  await openSelfSigned(state, wish());
  await openSelfSigned(other, wish());
  writeFileSync(join(state, "ca", "root-key.pem"), readFileSync(join(other, "ca", "root-key.pem")));
  t.deepEqual(
    refused(await openSelfSigned(state, wish())).map(({ code }) => code),
    ["key-mismatch"],
  );
});

test("fail/an expired root is not replaced", async (t) => {
  const state = freshDirectory();
  await openSelfSigned(state, wish());
  const later = in2027 + 11 * 365 * 24 * 3600_000;
  t.deepEqual(
    refused(await openSelfSigned(state, wish({ now: later }))).map(({ code }) => code),
    ["expired"],
  );
});

test("fail/the state directory is a file", async (t) => {
  const state = join(freshDirectory(), "state");
  writeFileSync(state, "");
  const [problem] = refused(await openSelfSigned(state, wish()));
  t.is(problem?.code, "unreadable");
  t.regex(problem?.help ?? "", /directory/);
});
