import test from "ava";
import { parseMeshConfig } from "./index.ts";

test("bare settings are the whole document", (t) => {
  const { object, diagnostics } = parseMeshConfig(
    "mesh.yaml",
    "rootNamespace: root\ndefaultConfig:\n  concurrency: 2\n",
  );
  t.deepEqual(diagnostics, []);
  t.is(object?.value.rootNamespace, "root");
  t.deepEqual(object?.locate(["defaultConfig", "concurrency"]), {
    file: "mesh.yaml",
    line: 3,
    column: 16,
    length: 1,
  });
});

test("settings inside a ConfigMap have positions in the outer file", (t) => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |-
    accessLogFile: /dev/stdout
    defaultConfig:
      concurrency: 2
  meshNetworks: 'networks: {}'
`;
  const { object } = parseMeshConfig("mesh.yaml", text);
  t.is(object?.value.accessLogFile, "/dev/stdout");
  t.deepEqual(object?.locate(["defaultConfig", "concurrency"]), {
    file: "mesh.yaml",
    line: 8,
    column: 20,
    length: 1,
  });
  t.deepEqual(object?.locate(["accessLogFile"], { key: true }), {
    file: "mesh.yaml",
    line: 6,
    column: 5,
    length: 13,
  });
});

test("a fault inside the ConfigMap is shown where it is written", (t) => {
  const { object, diagnostics } = parseMeshConfig(
    "m",
    "kind: ConfigMap\ndata:\n  mesh: |\n    a: [1\n    b: 2\n",
  );
  t.is(object, undefined);
  t.deepEqual(
    diagnostics.map(({ code, position }) => [code, position.line]),
    [["yaml-syntax", 5]],
  );
});

test("settings of an installation manifest are under spec.meshConfig", (t) => {
  const text = "kind: IstioOperator\nspec:\n  meshConfig:\n    enableAutoMtls: false\n";
  const { object } = parseMeshConfig("m", text);
  t.is(object?.value.enableAutoMtls, false);
  t.is(object?.locate(["enableAutoMtls"]).line, 4);
});
