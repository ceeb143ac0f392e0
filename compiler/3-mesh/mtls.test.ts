import test from "ava";
import { object, worldOf } from "../testing/world.ts";
import { mtlsMode } from "./mtls.ts";

const policy = (name: string, spec: string, namespace = "default", created = "2024-01-01T00:00:00Z") =>
  object("PeerAuthentication", name, spec, namespace).replace(
    "metadata: {",
    `metadata: {creationTimestamp: "${created}", `,
  );

const web = "selector: {matchLabels: {app: web}}";
const mesh = (mode: string) => policy("mesh", `{mtls: {mode: ${mode}}}`, "istio-system");
const namespace = (mode: string) => policy("namespace", `{mtls: {mode: ${mode}}}`);
const workload = (mode: string, ports = "") =>
  policy("workload", `{${web}, mtls: {mode: ${mode}}${ports && `, portLevelMtls: {${ports}}`}}`);

for (const [title, yaml, port, expected] of [
  ["nothing said is permissive", "", 80, "permissive"],
  ["the mesh's mode", mesh("STRICT"), 80, "strict"],
  ["the namespace's before the mesh's", mesh("STRICT") + namespace("DISABLE"), 80, "disable"],
  ["an unset namespace inherits", mesh("STRICT") + namespace("UNSET"), 80, "strict"],
  ["the workload's before both", mesh("DISABLE") + namespace("DISABLE") + workload("STRICT"), 80, "strict"],
  ["an unset workload inherits", namespace("STRICT") + workload("UNSET"), 80, "strict"],
  ["a port's own", workload("STRICT", "8080: {mode: DISABLE}"), 8080, "disable"],
  ["another port's is not mine", workload("STRICT", "8080: {mode: DISABLE}"), 80, "strict"],
  ["an unset port inherits", workload("STRICT", "8080: {mode: UNSET}"), 8080, "strict"],
  ["no port has no port's mode", workload("STRICT", "8080: {mode: DISABLE}"), undefined, "strict"],
  ["another namespace's policy", policy("other", "{mtls: {mode: STRICT}}", "other"), 80, "permissive"],
  [
    "another workload's policy",
    policy("other", "{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}"),
    80,
    "permissive",
  ],
  [
    "with a selector, one of the root namespace is for nobody",
    policy("root", `{${web}, mtls: {mode: DISABLE}, portLevelMtls: {80: {mode: DISABLE}}}`, "istio-system") +
      mesh("STRICT"),
    80,
    "strict",
  ],
  [
    "the oldest of two counts",
    policy("young", `{${web}, mtls: {mode: DISABLE}}`, "default", "2025-01-01T00:00:00Z") +
      workload("STRICT"),
    80,
    "strict",
  ],
] as const) {
  test(title, (t) => {
    t.is(mtlsMode(worldOf(yaml).mesh, "default", { app: "web", version: "v1" }, port), expected);
  });
}

test("not even for a workload of the root namespace itself", (t) => {
  const yaml = policy("root", `{${web}, mtls: {mode: STRICT}}`, "istio-system");
  t.is(mtlsMode(worldOf(yaml).mesh, "istio-system", { app: "web" }, 80), "permissive");
});
