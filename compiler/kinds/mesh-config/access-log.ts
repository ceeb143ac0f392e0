// The access log of every proxy: where it goes, and a format that Envoy will accept.

import { isJsonObject, type JsonValue } from "../../1-parse/index.ts";
import type { MeshConfig } from "../../model/mesh-config.ts";
import { faultOfFormat } from "../shared/format-commands.ts";
import { at, type Place, readChoice, readText, report } from "../shared/place.ts";

/** `root` is the settings as a whole. An empty file: no log; an empty format: the default one. */
export function readAccessLog(root: Place): MeshConfig["accessLog"] {
  const encoding =
    readChoice(at(root, "accessLogEncoding"), { TEXT: "TEXT", JSON: "JSON" } as const) ?? "TEXT";
  return {
    file: readText(at(root, "accessLogFile")) ?? "",
    format: readFormat(at(root, "accessLogFormat"), encoding),
    encoding,
  };
}

function readFormat(place: Place, encoding: MeshConfig["accessLog"]["encoding"]): string {
  const format = readText(place);
  if (format === undefined) return "";
  const texts = encoding === "JSON" ? textsOfObject(format) : [format];
  if (texts === undefined) {
    const message = "with accessLogEncoding JSON the format has to be a JSON object";
    report(place, "invalid-value", message, `such as {"method": "%REQ(:METHOD)%"}`);
    return format;
  }
  for (const text of texts) {
    const fault = faultOfFormat(text, "access-log");
    if (fault === undefined) continue;
    report(place, "invalid-value", `Envoy would refuse the format ${JSON.stringify(text)}: ${fault}`);
    break;
  }
  return format;
}

/** Every value in which Envoy looks for commands; undefined when the text is not a JSON object. */
function textsOfObject(json: string): readonly string[] | undefined {
  try {
    const value = JSON.parse(json) as JsonValue;
    return isJsonObject(value) ? textsIn(value) : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
