// A world, compiled by both sides, and where they differ.

import {
  type CompiledMesh,
  compileMesh,
  compileProxy,
  type Diagnostic,
  type MeshProxy,
  resourceJson,
  resourceType,
} from "#compiler";
import { type Difference, differencesBetween } from "./differences.ts";
import type { JsonObject } from "./json.ts";
import type { Oracle } from "./oracle.ts";
import { type Configuration, viewOf } from "./views.ts";

export interface World {
  /** Seed and number, or the fixture's name. */
  readonly name: string;
  readonly text: string;
  readonly meshConfig?: string | undefined;
  readonly proxies: readonly MeshProxy[];
}

export interface Found extends Difference {
  readonly world: string;
  readonly proxy: string;
}

/** A world that one side refuses has nothing to compare. */
export type Compared = { readonly found: readonly Found[] } | { readonly refused: readonly string[] };

export function compileWorld({ text, meshConfig }: World): CompiledMesh {
  return compileMesh({
    files: [{ name: "world.yaml", text }],
    ...(meshConfig !== undefined && { meshConfig: { name: "mesh-config.yaml", text: meshConfig } }),
  });
}

/** What proxies get is all there, but for what an error keeps away. References that lead nowhere keep nothing away. */
export function obstacles(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics
    .filter(({ severity, code }) => severity === "error" && !/unknown-host|not-found|missing/.test(code))
    .map(({ code, message }) => `Fairlead: ${code}: ${message}`);
}

export async function compareWorld(world: World, oracle: Oracle): Promise<Compared> {
  const { mesh, diagnostics } = compileWorld(world);
  const refused = obstacles(diagnostics);
  if (refused.length > 0) return { refused };
  const { name, text, meshConfig, proxies } = world;
  const answer = await oracle.ask({ texts: [text], meshConfig, proxies });
  if ("error" in answer) return { refused: [`istiod: ${answer.error}`] };
  const found = proxies.flatMap((proxy, index) => {
    const theirs = answer.nodes[index];
    if (!theirs) throw new Error("istiod's side left a proxy out");
    const differences = differencesBetween(viewOf(configurationOf(mesh, proxy)), viewOf(theirs));
    return differences.map((each) => ({ ...each, world: name, proxy: proxy.id }));
  });
  return { found };
}

/** What Fairlead sends the proxy. */
export function configurationOf(mesh: CompiledMesh["mesh"], proxy: MeshProxy): Configuration {
  const resources = compileProxy(mesh, proxy);
  const of = (type: keyof Configuration) =>
    resources.filter((each) => resourceType(each) === type).map((each) => resourceJson(each) as JsonObject);
  return {
    listeners: of("listeners"),
    clusters: of("clusters"),
    routes: of("routes"),
    endpoints: of("endpoints"),
  };
}
