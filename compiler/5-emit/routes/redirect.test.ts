import { RedirectAction_RedirectResponseCode } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import test from "ava";
import type { RedirectPlan } from "../../4-view/plan/routes.ts";
import { bodySize, directResponseAction } from "./direct-response.ts";
import { redirectAction } from "./redirect.ts";

const redirect = (parts: Partial<RedirectPlan>) => redirectAction({ type: "redirect", code: 301, ...parts });

test("paths, whole or by prefix", (t) => {
  t.deepEqual(redirect({ uri: "/b" }).pathRewriteSpecifier, { case: "pathRedirect", value: "/b" });
  t.deepEqual(redirect({ uri: "%PREFIX()%/b" }).pathRewriteSpecifier, { case: "prefixRewrite", value: "/b" });
  t.deepEqual(redirect({ prefixRewrite: "/b" }).pathRewriteSpecifier, { case: "prefixRewrite", value: "/b" });
  t.is(redirect({ authority: "b" }).pathRewriteSpecifier.case, undefined);
});

test("codes, scheme, authority and port", (t) => {
  const emitted = redirect({ code: 308, scheme: "https", authority: "b.example", port: 8443 });
  t.is(emitted.responseCode, RedirectAction_RedirectResponseCode.PERMANENT_REDIRECT);
  t.deepEqual(emitted.schemeRewriteSpecifier, { case: "schemeRedirect", value: "https" });
  t.is(emitted.hostRedirect, "b.example");
  t.is(emitted.portRedirect, 8443);
  t.is(redirect({ scheme: "https" }).portRedirect, 0);
});

test("direct responses: text, bytes, nothing", (t) => {
  const bytes = { type: "direct-response", status: 200, body: { type: "bytes", base64: "AAEC" } } as const;
  t.deepEqual(directResponseAction(bytes).body?.specifier, {
    case: "inlineBytes",
    value: Uint8Array.of(0, 1, 2),
  });
  t.is(bodySize(bytes), 3);
  const empty = { type: "direct-response", status: 503 } as const;
  t.is(directResponseAction(empty).body, undefined);
  t.is(bodySize(empty), 0);
});
