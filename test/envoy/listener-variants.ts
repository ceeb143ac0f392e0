// Every shape of listener that stage 5 writes, for tests that put them before a real Envoy.

import type { ListenerPlan } from "../../compiler/4-view/plan/index.ts";
import {
  accessLog,
  chain,
  chainMatch,
  http,
  listener,
  serverTls,
  tcp,
} from "../../compiler/5-emit/listeners/listener-plan-builder.ts";
import { route, routeTable, virtualHost } from "../../compiler/5-emit/routes/route-plan-builder.ts";

export interface ListenerFiles {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}

const json = {
  encoding: "JSON",
  format: '{"b":"%CEL(request.path)%","a":{"c":"%REQ_WITHOUT_QUERY(:PATH)%"}}',
} as const;
const inbound = routeTable([route()], { name: "inbound|9080||" });

export function listenerVariants(files: ListenerFiles): readonly ListenerPlan[] {
  return [
    listener([chain(tcp({ clusters: [] }), { match: chainMatch({ destinationPort: 15_001 }) })], {
      name: "virtualOutbound",
      port: 15_001,
      readsOriginalDst: true,
      handsOff: true,
      fallback: chain(
        tcp({ clusters: [{ cluster: "PassthroughCluster", weight: 0 }], accessLog: accessLog() }),
      ),
      accessLog: accessLog({ onlyUnrouted: true }),
    }),
    listener(
      [
        chain(http({ accessLog: accessLog() }), {
          name: "http",
          match: chainMatch({ transportProtocol: "raw_buffer", applicationProtocols: ["http/1.1", "h2c"] }),
        }),
        chain(tcp(), {
          name: "vip",
          match: chainMatch({
            prefixRanges: ["10.1.2.3", "10.2.0.0/16", "fd00::1"],
            sourcePrefixRanges: ["0.0.0.0/0"],
          }),
        }),
        chain(
          tcp({
            clusters: [
              { cluster: "a", weight: 10 },
              { cluster: "b", weight: 90 },
              { cluster: "c", weight: 0 },
            ],
            hashSourceIp: true,
            idleTimeoutMs: 0,
            accessLog: accessLog(json),
          }),
          {
            name: "sni",
            match: chainMatch({ serverNames: ["a.example", "*.b.example"], transportProtocol: "tls" }),
          },
        ),
      ],
      {
        name: "10.0.0.1_9080",
        bindToPort: false,
        detectTls: true,
        detectHttp: true,
        detectionTimeoutMs: 5000,
      },
    ),
    listener(
      [
        chain(
          http({
            role: "inbound",
            routes: { type: "inline", table: inbound },
            forwardClientCert: "append-forward",
          }),
          {
            name: "mtls",
            match: chainMatch({
              destinationPort: 9080,
              transportProtocol: "tls",
              applicationProtocols: ["istio-http/1.1", "istio-h2", "istio"],
            }),
            tls: { type: "mesh", trustDomains: ["cluster.local"], alpn: ["h2", "http/1.1"] },
          },
        ),
        chain(tcp(), {
          name: "tls 1.3",
          match: chainMatch({ destinationPort: 9443, transportProtocol: "tls" }),
          tls: { type: "mesh", trustDomains: [], alpn: ["istio"], minVersion: "TLSV1_3" },
        }),
      ],
      {
        name: "virtualInbound",
        direction: "inbound",
        port: 15_006,
        readsOriginalDst: true,
        detectTls: true,
        detectHttp: true,
        noTlsDetectionOn: [3306],
        noHttpDetectionOn: [9080, 3306, 9080],
        fallback: chain(tcp({ clusters: [{ cluster: "InboundPassthroughCluster", weight: 1 }] })),
      },
    ),
    listener([chain(http({ role: "http-proxy", pathNormalization: "none" }))], {
      name: "127.0.0.1_15002",
      port: 15_002,
    }),
    listener(
      [
        chain(
          http({
            role: "gateway",
            forwardClientCert: "sanitize-set",
            trustedHops: 2,
            pathNormalization: "decode-and-merge-slashes",
          }),
          {
            name: "simple",
            match: chainMatch({ serverNames: ["a.example"] }),
            tls: serverTls({
              minVersion: "TLSV1_2",
              maxVersion: "TLSV1_3",
              cipherSuites: ["ECDHE-ECDSA-AES128-GCM-SHA256"],
            }),
          },
        ),
        chain(http({ role: "gateway", pathNormalization: "merge-slashes" }), {
          name: "mutual",
          match: chainMatch({ serverNames: ["b.example"] }),
          tls: serverTls({
            clientCa: { type: "sds", name: "kubernetes://site-cacert" },
            requireClientCertificate: true,
            subjectAltNames: ["client.example", "spiffe://cluster.local/ns/a/sa/b"],
            verifyCertificateHash: ["a".repeat(64)],
          }),
        }),
        chain(tcp({ role: "gateway" }), {
          name: "files",
          match: chainMatch({ serverNames: ["c.example"] }),
          tls: serverTls({
            certificates: [{ type: "file", certificate: files.certificate, privateKey: files.privateKey }],
            clientCa: { type: "file", path: files.ca },
            insecureSkipVerify: true,
          }),
        }),
        chain(tcp({ role: "gateway", clusters: [], clusterFromSni: true }), {
          name: "auto passthrough",
          match: chainMatch({ serverNames: ["*.global"] }),
        }),
      ],
      { name: "0.0.0.0_443", port: 443, detectTls: true },
    ),
    listener(
      [
        chain(
          http({
            routes: {
              type: "inline",
              table: routeTable([], { virtualHosts: [virtualHost([], { requireTls: true })] }),
            },
          }),
        ),
      ],
      {
        name: "on a socket file",
        address: "unix:///tmp/fairlead-test-listener",
        port: 0,
      },
    ),
  ];
}
