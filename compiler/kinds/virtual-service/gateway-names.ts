// Which gateways routes are bound to.

import { isDnsLabel } from "../../model/names.ts";
import { type Place, readItems, readText, report } from "../shared/place.ts";

/** The sidecars, as opposed to any gateway. */
export const mesh = "mesh";

/** `mesh` or `namespace/name`; undefined when none is named. */
export function readGatewayNames(place: Place): readonly string[] | undefined {
  const items = readItems(place);
  if (items.length === 0) return undefined;
  return [...new Set(items.flatMap((item) => readGatewayName(item) ?? []))];
}

function readGatewayName(place: Place): string | undefined {
  const text = readText(place);
  if (text === undefined) {
    report(place, "invalid-name", "a gateway name must not be empty");
    return undefined;
  }
  if (text === mesh) return mesh;
  const { namespace, name } = split(place, text);
  if (!isDnsLabel(name) || !isDnsLabel(namespace)) {
    const message = `"${text}" is not the name of a gateway`;
    report(place, "invalid-name", message, `write name, namespace/name, or ${mesh} for all sidecars`);
  }
  return `${namespace}/${name}`;
}

function split(place: Place, text: string): { readonly namespace: string; readonly name: string } {
  const own = place.reader.object.namespace;
  const slash = text.indexOf("/");
  if (slash !== -1) {
    const written = text.slice(0, slash);
    return { namespace: written === "." ? own : written, name: text.slice(slash + 1) };
  }
  const [name = "", namespace] = text.split(".");
  if (namespace === undefined) return { namespace: own, name };
  // The oldest form: name.namespace, perhaps with the mesh's domain behind it.
  report(
    place,
    "deprecated-field",
    `"${text}" is an old form of a gateway name`,
    `write ${namespace}/${name}`,
  );
  return { namespace, name };
}
