import test from "ava";
import type { Redirect } from "../model/routes.ts";
import { planRedirect } from "./redirect-plan.ts";

const portOf = (parts: Partial<Redirect>, requestPort = 9080) =>
  planRedirect({ type: "redirect", code: 301, ...parts }, requestPort).port;
const authority = "b.example";

test("a port is written where the request's own could stay", (t) => {
  t.is(portOf({ port: 8443 }), 8443);
  t.is(portOf({ scheme: "https", port: 443 }), 443);
  t.is(portOf({ scheme: "http", port: 80 }), 80);
  t.is(portOf({ scheme: "https", port: "protocol-default" }), 443);
  t.is(portOf({ scheme: "http", port: "protocol-default" }), 80);
  t.is(portOf({ port: "protocol-default" }), undefined, "the scheme is the request's");
  t.is(portOf({ scheme: "https" }), undefined);
});

test("the usual port is not written where requests come to a usual port", (t) => {
  t.is(portOf({ scheme: "https", port: 443 }, 80), undefined);
  t.is(portOf({ scheme: "https", port: "protocol-default" }, 80), undefined);
  t.is(portOf({ scheme: "http", port: 80 }, 443), undefined);
  t.is(portOf({ scheme: "https", port: 8443 }, 80), 8443);
});

test("behind a new authority only what the scheme does not imply", (t) => {
  t.is(portOf({ authority, scheme: "https", port: 443 }), undefined);
  t.is(portOf({ authority, scheme: "https", port: 80 }), 80);
  t.is(portOf({ authority, scheme: "https", port: "protocol-default" }), undefined);
  t.is(portOf({ authority, port: "request-port" }), 9080);
  t.is(portOf({ authority, scheme: "http", port: "request-port" }, 80), undefined);
});

test("the request's port is written where another scheme would lose it", (t) => {
  t.is(portOf({ port: "request-port" }), undefined);
  t.is(portOf({ scheme: "https", port: "request-port" }), 9080);
  t.is(portOf({ scheme: "https", port: "request-port" }, 80), 80);
  t.is(portOf({ scheme: "http", port: "request-port" }, 443), 443);
  t.is(portOf({ scheme: "https", port: "request-port" }, 443), undefined);
});
