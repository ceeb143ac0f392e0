// `fairlead bootstrap`: the file that makes an Envoy one of the mesh's proxies.

import { Option } from "commander";
import { type DeclareCommand, newCommand } from "../command.ts";
import { outputOption } from "../options/choices.ts";
import { parseHostPort } from "../options/host-port.ts";
import { addProxyOptions } from "../options/proxy.ts";

const examples = `
$ fairlead bootstrap --type sidecar --name reviews-v1 --namespace default --ip 10.0.0.7 \\
    --service-account bookinfo-reviews --label app=reviews --label version=v1 > reviews-v1.yaml
$ fairlead envoy -- -c reviews-v1.yaml --drain-strategy immediate --drain-time-s 45 --concurrency 2

# on a machine without the state directory: with a token and the roots that were brought there
$ fairlead bootstrap --type router --name ingress --namespace istio-system --ip 10.0.0.2 \\
    --label istio=ingressgateway --xds fairlead.example:15012 --token token.jwt --ca roots.pem

# no TLS, no identity, no mutual TLS: for a first look on one machine
$ fairlead bootstrap --type sidecar --name a --namespace default --ip 127.0.0.1 --plaintext -o json

# an application whose gRPC library speaks xDS itself, without an Envoy: \`xds:///reviews:9080\` then follows the policy
$ fairlead bootstrap --type proxyless --name a --namespace default --ip 127.0.0.1 --plaintext > grpc-bootstrap.json
$ GRPC_XDS_BOOTSTRAP=grpc-bootstrap.json node client.js

Start Envoy with --drain-strategy immediate --drain-time-s 45 --concurrency 2, or what MeshConfig says instead of these
numbers: without the first two, connections that a change has replaced keep the old policy for up to ten minutes; without
the third, Envoy starts a worker per CPU, each with its own connections to everything. A comment in the YAML repeats it.

The output holds a token that speaks for one workload: keep it from other users.
With --state the token is minted from the key in that directory (made there if need be), whether or not a server runs.
`;

export const declareBootstrap: DeclareCommand = (program, { terminal, finish }) => {
  const command = newCommand(
    program,
    "bootstrap",
    "Print the bootstrap that points an Envoy, or a gRPC client without one, at Fairlead.",
    examples,
  ).addOption(
    new Option("--type <type>", "what the proxy is")
      .choices(["sidecar", "router", "proxyless"])
      .makeOptionMandatory(),
  );
  addProxyOptions(command, { required: true })
    .addOption(
      new Option(
        "--xds <host:port>",
        "where Fairlead is (default: 127.0.0.1:15012; with --plaintext 127.0.0.1:15010)",
      )
        .env("FAIRLEAD_XDS_ADDRESS")
        .argParser(parseHostPort),
    )
    .addOption(
      new Option(
        "--state <dir>",
        "Fairlead's state directory, to mint the token from (default: .fairlead if it exists)",
      ).env("FAIRLEAD_STATE"),
    )
    .option("--ca-dir <dir>", "the operator's CA that `fairlead serve` is given, with --state")
    .option("--token <file>", "file with a token minted before (- is standard input), with --ca")
    .option("--ca <file>", "PEM file with the roots that Fairlead's TLS port is verified with")
    .option("--plaintext", "no TLS: the proxy has no identity and takes part without mutual TLS", false)
    .option(
      "--admin <host:port>",
      "Envoy's admin port (default: 127.0.0.1:15000, or on the workload's own loopback address)",
      parseHostPort,
    )
    .option(
      "--trust-domain <domain>",
      "the mesh's trust domain (default: the MeshConfig's, or cluster.local)",
    )
    .option("--mesh-config <file>", "MeshConfig file that `fairlead serve` is given")
    .addOption(outputOption(["yaml", "json"]))
    .action(async (options) => {
      const { runBootstrap } = await import("../bootstrap/index.ts");
      // The environment names a state directory for every command; a flag that excludes one wins.
      const fromEnv = command.getOptionValueSource("state") === "env";
      const state = fromEnv && (options.plaintext || options.token) ? undefined : options.state;
      finish(await runBootstrap({ ...options, state }, terminal));
    });
};
