// Asks a real Envoy what it thinks of every proxy's configuration. In: a mesh. Out: what Envoy refuses, resource by
// resource, with the objects behind each. Opens no port.

import { openAuthority } from "#ca";
import {
  compileProxy,
  type EmittedResource,
  type Mesh,
  proxiesOf,
  type StaticCredentials,
  staticBootstrap,
} from "#compiler";
import { locateEnvoy, validateWithEnvoy } from "#setup";
import { describeOrigins } from "../compile/resource-text.ts";
import { CommandFailed } from "../exit.ts";
import { plural } from "../plural.ts";
import type { Terminal } from "../terminal.ts";
import { type Culprit, findCulprits } from "./culprits.ts";
import { readEnvoyMessage } from "./envoy-message.ts";
import type { EnvoyRejection } from "./rejection.ts";

/** One entry per complaint, however many resources and proxies it is about. Throws a CommandFailed when there is no Envoy. */
export async function askEnvoy(mesh: Mesh, terminal: Terminal): Promise<readonly EnvoyRejection[]> {
  const envoy = locateEnvoy(terminal.env);
  if ("problem" in envoy) throw new CommandFailed(`--envoy: ${envoy.problem}`);
  const credentials = await makeCredentials(mesh.config.trustDomain);
  const judge = async (resources: readonly EmittedResource[]): Promise<string | undefined> => {
    const verdict = await validateWithEnvoy(staticBootstrap(resources, credentials, 0), terminal.env);
    return verdict.ok ? undefined : readEnvoyMessage(verdict.output);
  };
  const known: Culprit[] = [];
  const proxies = new Map<Culprit, readonly string[]>();
  for (const [resources, ids] of byResources(mesh)) {
    for (const culprit of await findCulprits(resources, judge, known)) {
      proxies.set(culprit, [...(proxies.get(culprit) ?? []), ...ids]);
    }
  }
  terminal.err(`asked Envoy ${envoy.version} about ${plural(proxiesOf(mesh).length, "proxy")}\n`);
  return byMessage(proxies);
}

/** One mistake often makes many resources unacceptable: they are told together. */
function byMessage(proxies: ReadonlyMap<Culprit, readonly string[]>): readonly EnvoyRejection[] {
  const messages = [...new Set([...proxies.keys()].map(({ message }) => message))];
  return messages.map((message) => {
    const same = [...proxies].filter(([culprit]) => culprit.message === message);
    const resources = same.flatMap(([{ type, resource }]) => (resource ? [`${type} ${resource.name}`] : []));
    const origins = same.flatMap(([{ resource }]) => resource?.origins ?? []);
    return {
      message,
      resources: [...new Set(resources)],
      proxies: [...new Set(same.flatMap(([, ids]) => ids))].sort(),
      places: describeOrigins(origins, true),
    };
  });
}

/** Proxies that are told the same are asked about once. */
function byResources(mesh: Mesh): ReadonlyMap<readonly EmittedResource[], readonly string[]> {
  const groups = new Map<readonly EmittedResource[], string[]>();
  for (const proxy of proxiesOf(mesh)) {
    const resources = compileProxy(mesh, proxy);
    groups.set(resources, [...(groups.get(resources) ?? []), proxy.id]);
  }
  return groups;
}

/** Any certificate does where only its form is looked at. */
async function makeCredentials(trustDomain: string): Promise<StaticCredentials> {
  const opened = await openAuthority({ trustDomain });
  if (!opened.ok) throw new Error("an authority in memory has nothing to be refused");
  const authority = opened.value;
  authority.close();
  const issued = await authority.issue({ trustDomain, namespace: "default", serviceAccount: "default" });
  if (!issued.ok) throw new CommandFailed(`--envoy: ${issued.problem.message}: ${issued.problem.detail}`);
  const { certChainPem, privateKeyPem } = issued.value;
  return { certificate: certChainPem, privateKey: privateKeyPem.reveal(), roots: authority.trustBundlePem };
}
