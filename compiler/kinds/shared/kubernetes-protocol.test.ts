import test from "ava";
import { kubernetesProtocol } from "./kubernetes-protocol.ts";

for (const [name, appProtocol, expected] of [
  ["http", undefined, "http"],
  ["HTTP-web", undefined, "http"],
  ["http2-x", undefined, "http2"],
  ["grpc", undefined, "grpc"],
  ["grpc-web", undefined, "grpc-web"],
  ["grpc-web-x", undefined, "grpc-web"],
  ["https-a", undefined, "https"],
  ["tls", undefined, "tls"],
  ["tcp-db", undefined, "tcp"],
  ["mongo", undefined, "mongo"],
  ["web", undefined, "auto"],
  ["", undefined, "auto"],
  ["httpx", undefined, "auto"],
  ["tcp", "http", "http"],
  ["tcp", "kubernetes.io/h2c", "http2"],
  ["http", "kubernetes.io/wss", "https"],
  ["http", "example.com/own", "auto"],
] as const) {
  test(`name "${name}", appProtocol ${appProtocol}: ${expected}`, (t) => {
    const port = { number: 9000, name, transport: "TCP" };
    t.is(kubernetesProtocol(appProtocol === undefined ? port : { ...port, appProtocol }), expected);
  });
}

test("ports whose servers speak first are TCP unless something else is said", (t) => {
  t.is(kubernetesProtocol({ number: 3306, name: "db", transport: "TCP" }), "tcp");
  t.is(kubernetesProtocol({ number: 3306, name: "http", transport: "TCP" }), "http");
});

test("what is not TCP is left alone", (t) => {
  t.is(kubernetesProtocol({ number: 53, name: "http", transport: "UDP" }), "udp");
  t.is(kubernetesProtocol({ number: 53, name: "http", transport: "SCTP" }), "udp");
});
