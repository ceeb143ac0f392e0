// An operator's CA among the policy files: the Secret that Istio reads it from.

import type { PluggedIn } from "#ca";
import type { MeshConfig } from "#compiler";
import type { World } from "#runtime";

/** The Secret `cacerts` in the root namespace, if the files have it. */
export function findPluggedSecret(config: MeshConfig, world: World): PluggedIn | undefined {
  for (const file of world.files) {
    for (const { raw } of file.objects) {
      if (raw.kind !== "Secret" || raw.group !== "" || raw.name !== "cacerts") continue;
      if (raw.namespace !== config.rootNamespace) continue;
      const { data, stringData } = raw.value;
      const place = `${raw.namespace}/${raw.name} (${raw.file}:${raw.locate([]).line})`;
      return {
        kind: "secret",
        name: place,
        data: { ...texts(data, "base64"), ...texts(stringData, "utf8") },
      };
    }
  }
  return undefined;
}

/** `data` holds base64, `stringData` plain text, which wins where both have a key. */
function texts(value: unknown, encoding: "base64" | "utf8"): Readonly<Record<string, Uint8Array>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) =>
      typeof text === "string" ? [[key, Buffer.from(text, encoding)]] : [],
    ),
  );
}
