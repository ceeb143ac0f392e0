// Against a server of pages only, which says what the tests want; that a real one says the same is for the tests of
// `proxy-config`, which has both.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { ProxySync, QuarantineEntry, TypeSync } from "#runtime";
import { formatAge } from "../options/duration.ts";
import { runInProcess } from "../testing/terminal.ts";

interface Pages {
  proxies: readonly ProxySync[];
  quarantine: readonly QuarantineEntry[];
  diagnostics: readonly object[];
}

async function pages(t: ExecutionContext, first: Partial<Pages>): Promise<{ at: string; pages: Pages }> {
  const current: Pages = { proxies: [], quarantine: [], diagnostics: [], ...first };
  const server = createServer((request, response) => {
    const found = new Map<string, unknown>([
      ["/debug/syncz", current.proxies],
      ["/debug/quarantine", current.quarantine],
      ["/debug/diagnostics", current.diagnostics],
    ]).get(request.url ?? "");
    response.writeHead(found ? 200 : 404).end(JSON.stringify(found));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, pages: current };
}

const types = ["CDS", "EDS", "LDS", "RDS", "SDS"];
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

function proxy(name: string, ...others: readonly Partial<TypeSync>[]): ProxySync {
  return {
    name,
    proxy: `sidecar~10.0.0.1~${name}~default.svc.cluster.local`,
    peer: "127.0.0.1:4711",
    secure: true,
    connectedAt: ago(60),
    version: "v2",
    types: types.map((type) => ({
      type,
      status: "SYNCED",
      since: ago(200),
      resources: 3,
      ...others.find((other) => other.type === type),
    })),
  };
}

const refused = [{ name: "0.0.0.0_80", origins: ["gateway.yaml:7", "gateway.yaml:9"] }];
const nacked: Partial<TypeSync> = {
  type: "LDS",
  status: "NACKED",
  since: ago(200),
  error: "no such thing",
  refused,
};

test("ages are in the largest unit that fits", (t) => {
  const ages = [0, 59_400, 60_000, 3_600_000, 47 * 3_600_000, 49 * 3_600_000].map(formatAge);
  t.deepEqual(ages, ["0s", "59s", "1m", "1h", "47h", "2d"]);
});

test("a line per proxy, with ages", async (t) => {
  const stale: Partial<TypeSync> = { type: "RDS", status: "STALE", since: ago(7300) };
  const { at } = await pages(t, { proxies: [proxy("b.shop", stale), proxy("a.shop")] });
  const { code, out, err } = await runInProcess(["status", "--http", at]);
  t.is(code, 0);
  t.is(err, "");
  const synced = "SYNCED (3m)   SYNCED (3m)   SYNCED (3m)";
  t.is(
    out,
    "NAME     CDS           EDS           LDS           RDS           SDS\n" +
      `a.shop   ${synced}   SYNCED (3m)   SYNCED (3m)\n` +
      `b.shop   ${synced}   STALE (2h)    SYNCED (3m)\n`,
  );
  t.regex((await runInProcess(["ps", "b", "--http", at])).out, /^NAME .*\nb\.shop [^\n]*\n$/);
});

test("what was refused, with its lines, and what others refused for it", async (t) => {
  const spared: Partial<TypeSync> = { type: "LDS", status: "QUARANTINED", since: ago(3), refused };
  const entry = { type: "LDS", name: "0.0.0.0_80", version: "1", origins: [], error: "no such thing" };
  const { at } = await pages(t, {
    proxies: [proxy("a.shop", nacked), proxy("b.shop", spared)],
    quarantine: [{ ...entry, refusedBy: "a.shop", since: ago(3) }],
  });
  const { code, out } = await runInProcess(["status", "--http", at]);
  t.is(code, 0);
  t.regex(out, /^a\.shop .* NACKED \(3m\) /m);
  t.true(
    out.endsWith(
      "\nLDS refused by a.shop: no such thing\n  0.0.0.0_80\n    gateway.yaml:7\n    gateway.yaml:9\n" +
        "\nLDS not sent to b.shop\n  0.0.0.0_80\n    gateway.yaml:7\n    gateway.yaml:9\n" +
        "    refused by a.shop: no such thing\n",
    ),
    out,
  );
});

test("nothing that a proxy says is obeyed by the terminal", async (t) => {
  const evil = {
    ...nacked,
    error: "bad\u001b[2Jregex\n  at 3",
    refused: [{ name: "a\u202eb", origins: [] }],
  };
  const { at } = await pages(t, { proxies: [proxy("a.shop", evil)] });
  const { out } = await runInProcess(["status", "--http", at]);
  t.true(out.endsWith("refused by a.shop: bad\\u001b[2Jregex at 3\n  a\\u202eb\n"), out);
});

test("a proxy whose old stream lingers is listed once, as it is now", async (t) => {
  const old = { ...proxy("a.shop", nacked), connectedAt: ago(900) };
  const { at } = await pages(t, { proxies: [proxy("a.shop"), old] });
  const { out } = await runInProcess(["status", "--http", at, "-o", "json"]);
  const { version, proxies } = JSON.parse(out);
  t.is(version, 1);
  t.is(proxies.length, 1);
  t.is(proxies[0].types[2].status, "SYNCED");
});

test("errors in the files are worth a warning", async (t) => {
  const position = { file: "a.yaml", line: 3, column: 5 };
  const diagnostics = [{ severity: "error", message: "no such field", position }];
  const { at } = await pages(t, { proxies: [proxy("a.shop")], diagnostics });
  const { code, err } = await runInProcess(["status", "--http", at]);
  t.is(code, 0);
  t.regex(err, /^warning: 1 error in the files, .*: a\.yaml:3:5: no such field\n$/);
});

test("--wait returns when everything is acknowledged", async (t) => {
  const stale: Partial<TypeSync> = { type: "CDS", status: "STALE" };
  const { at, pages: now } = await pages(t, { proxies: [proxy("a.shop", stale), proxy("b.shop")] });
  setTimeout(() => {
    now.proxies = [proxy("a.shop"), proxy("b.shop")];
  }, 300);
  const started = performance.now();
  const { code, err } = await runInProcess(["status", "--wait", "--timeout", "10s", "--http", at]);
  t.is(code, 0, err);
  t.true(performance.now() - started >= 300);
  t.regex(err, /^2 proxies in sync with the newest configuration, after \d\.\d s\n$/);
});

test("--wait waits for the one that is named, and for no other", async (t) => {
  const { at } = await pages(t, {
    proxies: [proxy("a.shop"), proxy("b.shop", { type: "CDS", status: "STALE" })],
  });
  const argv = ["status", "--wait", "--timeout", "1s", "--http", at];
  t.is((await runInProcess([...argv, "a.shop"])).code, 0);
  const all = await runInProcess(argv);
  t.is(all.code, 1);
  t.regex(all.err, /^error: not in sync after 1\.0 s: b\.shop \(CDS\)\n$/);
  const absent = await runInProcess(["status", "--wait", "--timeout", "300ms", "--http", at, "c.shop"]);
  t.is(absent.code, 1);
  t.regex(absent.err, /no proxy c\.shop is connected; these are: a\.shop, b\.shop/);
});

test("--wait gives up on a refusal", async (t) => {
  const { at } = await pages(t, { proxies: [proxy("a.shop", nacked)] });
  const { code, out, err } = await runInProcess(["status", "--wait", "--http", at]);
  t.is(code, 1);
  t.regex(out, /gateway\.yaml:7/);
  t.is(err, "error: refused: a.shop (LDS)\n");
});

test("--wait does not take silence for success", async (t) => {
  const { version: _, ...unbegun } = proxy("a.shop");
  for (const [proxies, reason] of [
    [[], /no proxy is connected/],
    [[unbegun], /a\.shop \(nothing to send yet\)/],
  ] as const) {
    const { at } = await pages(t, { proxies });
    const { code, err } = await runInProcess(["status", "--wait", "--timeout", "400ms", "--http", at]);
    t.is(code, 1);
    t.regex(err, reason);
  }
});

test("a server that does not answer, and one that is another", async (t) => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  for (const argv of [["status"], ["status", "--wait", "--timeout", "200ms"], ["pc", "all", "a.shop"]]) {
    const { code, out, err } = await runInProcess([...argv, "--http", `127.0.0.1:${port}`]);
    t.is(code, 1);
    t.is(out, "");
    t.regex(
      err,
      /^error: no answer from Fairlead at 127\.0\.0\.1:\d+ \(ECONNREFUSED\); is `fairlead serve` running\?/,
    );
  }
  const other = createServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
  t.teardown(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const at = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { code, err } = await runInProcess(["status", "--http", at]);
  t.is(code, 1);
  t.regex(err, /is not Fairlead's HTTP port/);
});

test("names that are not connected, or not clear", async (t) => {
  const { at } = await pages(t, { proxies: [proxy("a.shop"), proxy("a.test"), proxy("b.shop")] });
  const missing = await runInProcess(["status", "c", "--http", at]);
  t.is(missing.code, 1);
  t.is(missing.err, "error: no proxy c is connected; these are: a.shop, a.test, b.shop\n");
  const unclear = await runInProcess(["status", "a", "--http", at]);
  t.is(unclear.code, 2);
  t.is(unclear.err, "error: a may be a.shop or a.test: which one?\n");
  t.is((await runInProcess(["status", "--timeout", "soon"])).code, 2);
});
