// Resources on stdout, proxy by proxy, so that a large mesh need not fit into one text.

import { compileProxy, type Mesh, type MeshProxy, type ResourceType, resourceJson } from "#compiler";
import { describeOrigins, groupByType, resourceYaml } from "./resource-text.ts";

export type OutputFormat = "yaml" | "json";

/** A mapping proxy → type → resources. JSON adds `origins`: type → name → objects. */
export function printResources(
  mesh: Mesh,
  proxies: readonly MeshProxy[],
  type: ResourceType | "all",
  format: OutputFormat,
  out: (text: string) => void,
): void {
  if (format === "yaml") {
    for (const proxy of proxies) out(proxyYaml(mesh, proxy, type));
    if (proxies.length === 0) out("{}\n");
    return;
  }
  out("{");
  for (const [index, proxy] of proxies.entries()) {
    const json = JSON.stringify(proxyJson(mesh, proxy, type), null, 2).replaceAll("\n", "\n  ");
    out(`${index === 0 ? "" : ","}\n  ${JSON.stringify(proxy.id)}: ${json}`);
  }
  out("\n}\n");
}

function proxyJson(mesh: Mesh, proxy: MeshProxy, type: ResourceType | "all"): object {
  const groups = groupByType(compileProxy(mesh, proxy), type);
  const origins = groups.map(([group, resources]) => [
    group,
    Object.fromEntries(resources.map(({ name, origins }) => [name, describeOrigins(origins, true)])),
  ]);
  return {
    ...Object.fromEntries(groups.map(([group, resources]) => [group, resources.map(resourceJson)])),
    origins: Object.fromEntries(origins),
  };
}

function proxyYaml(mesh: Mesh, proxy: MeshProxy, type: ResourceType | "all"): string {
  const groups = groupByType(compileProxy(mesh, proxy), type);
  const head = `# ${proxy.type} ${proxy.id}\n${JSON.stringify(proxy.id)}:${groups.length === 0 ? " {}" : ""}\n`;
  const body = groups.map(([group, resources]) => {
    const items = resources.map((resource) => {
      const comments = describeOrigins(resource.origins, true).map((line) => `    # ${line}\n`);
      return `${comments.join("")}${resourceYaml(resource)
        .replaceAll(/^(?=.)/gm, "      ")
        .replace("      ", "    - ")}`;
    });
    return `  ${group}:\n${items.join("")}`;
  });
  return head + body.join("");
}
