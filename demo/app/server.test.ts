import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { findCall, readAnswer } from "./answer.ts";
import { call } from "./call.ts";
import { callerIn, delayFor, startApplication } from "./server.ts";

test("says who it is and who asked, and calls the next through its proxy with the headers that belong to the request", async (t) => {
  const asked: { url?: string | undefined; headers: unknown }[] = [];
  const proxy = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    response.end(JSON.stringify({ service: "ratings", version: "v1", calls: [] }));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const application = await startApplication({
    service: "reviews",
    version: "v2",
    listen: { host: "127.0.0.1", port: 0 },
    proxy: { host: "127.0.0.1", port },
    calls: ["http://ratings:9080/ratings/0"],
  });
  t.teardown(() => {
    proxy.close();
    application.close();
  });
  const { body } = await call({
    url: `http://127.0.0.1:${(application.address() as AddressInfo).port}/reviews/0`,
    headers: {
      "end-user": "jason",
      "x-request-id": "1",
      "x-forwarded-client-cert": "By=spiffe://a/ns/b/sa/c;Hash=ab;URI=spiffe://a/ns/b/sa/d",
      cookie: "secret",
    },
  });
  const answer = readAnswer(body);
  t.is(answer?.version, "v2");
  t.is(answer?.caller, "spiffe://a/ns/b/sa/d");
  t.is(findCall(answer, "ratings")?.answer?.service, "ratings");
  t.is(asked[0]?.url, "http://ratings:9080/ratings/0");
  t.like(asked[0]?.headers, {
    host: "ratings:9080",
    "end-user": "jason",
    "x-request-id": "1",
    cookie: undefined,
  });
});

test("a call without an answer is part of the answer", async (t) => {
  const application = await startApplication({
    service: "reviews",
    version: "v2",
    listen: { host: "127.0.0.1", port: 0 },
    // Nobody listens on the port of the discard protocol.
    proxy: { host: "127.0.0.1", port: 9 },
    calls: ["http://ratings:9080/"],
  });
  t.teardown(() => application.close());
  const { status, body } = await call({
    url: `http://127.0.0.1:${(application.address() as AddressInfo).port}/`,
  });
  t.is(status, 200);
  const failed = findCall(readAnswer(body), "ratings");
  t.is(failed?.status, 0);
  t.regex(failed?.error ?? "", /ECONNREFUSED/);
});

test("waits only when it is meant, and not for ever", (t) => {
  t.is(delayFor("ratings", "ratings=250"), 250);
  t.is(delayFor("reviews", "ratings=250"), 0);
  t.is(delayFor("ratings", undefined), 0);
  t.is(delayFor("ratings", "ratings=soon"), 0);
  t.is(delayFor("ratings", "ratings=-1"), 0);
  t.is(delayFor("ratings", "ratings=1e9"), 60_000);
});

test("the caller is the URI, not the server's own name before it", (t) => {
  t.is(callerIn("By=spiffe://a/ns/b/sa/c;URI=spiffe://a/ns/b/sa/d,By=x;URI=y"), "spiffe://a/ns/b/sa/d");
  t.is(callerIn("By=spiffe://a/ns/b/sa/c;Hash=1"), undefined);
  t.is(callerIn(undefined), undefined);
});
