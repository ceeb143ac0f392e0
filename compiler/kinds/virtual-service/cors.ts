// Which other origins a browser may call from.

import type { StringMatch } from "../../model/match.ts";
import type { Cors } from "../../model/routes.ts";
import { readDuration } from "../shared/duration.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readFlag,
  readItems,
  readText,
  readTexts,
  report,
} from "../shared/place.ts";
import { readFilledStringMatch } from "../shared/string-match.ts";
import { isHeaderName } from "./headers.ts";

const methods: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
]);

const preflights: Readonly<Record<string, Cors["unmatchedPreflights"]>> = {
  UNSPECIFIED: "forward",
  FORWARD: "forward",
  IGNORE: "ignore",
};

/** Undefined when nothing is written. */
export function readCors(place: Place): Cors | undefined {
  if (!isSet(place)) return undefined;
  return compact<Cors>({
    allowOrigins: readAllOrigins(at(place, "allowOrigins"), at(place, "allowOrigin")),
    allowMethods: readMethods(at(place, "allowMethods")),
    allowHeaders: readHeaderNames(at(place, "allowHeaders")),
    exposeHeaders: readHeaderNames(at(place, "exposeHeaders")),
    maxAgeMs: readMaxAge(at(place, "maxAge")),
    allowCredentials: readFlag(at(place, "allowCredentials")),
    unmatchedPreflights: readChoice(at(place, "unmatchedPreflights"), preflights) ?? "forward",
  });
}

/** Of the two lists one counts. */
function readAllOrigins(place: Place, old: Place): readonly StringMatch[] {
  if (readItems(place).length === 0) return readOldOrigins(old);
  if (readItems(old).length > 0) {
    const message = `"allowOrigin" has no effect beside "allowOrigins"`;
    report(old, "ineffective-field", message, `write its origins into "allowOrigins"`);
  }
  return readOrigins(place);
}

function readOrigins(place: Place): readonly StringMatch[] {
  return readItems(place).flatMap((item) => {
    const match = readFilledStringMatch(item);
    if (match === undefined) return [];
    if (match.type !== "present" && match.value !== "") return [match];
    report(item, "invalid-value", "an origin must not be empty", `exact: "*" allows every origin`);
    return [];
  });
}

function readOldOrigins(place: Place): readonly StringMatch[] {
  const origins = readTexts(place);
  if (origins.length > 0)
    report(place, "deprecated-field", `"allowOrigin" is deprecated`, `use "allowOrigins"`);
  return origins.map((value) => ({ type: "exact", value }));
}

function readMethods(place: Place): readonly string[] {
  return readItems(place).flatMap((item) => {
    const method = readText(item);
    if (method === undefined || !methods.has(method)) {
      report(
        item,
        "invalid-value",
        `"${method ?? ""}" is not a method`,
        `methods: ${[...methods].join(", ")}`,
      );
    }
    return method ?? [];
  });
}

function readHeaderNames(place: Place): readonly string[] {
  return readItems(place).flatMap((item) => {
    const name = readText(item) ?? "";
    if (name !== "*" && !isHeaderName(name)) report(item, "invalid-name", `"${name}" is not a header name`);
    return name;
  });
}

function readMaxAge(place: Place): number | undefined {
  const maxAge = readDuration(place);
  if (maxAge !== undefined && maxAge % 1000 !== 0) {
    report(place, "invalid-duration", "browsers are told whole seconds", "");
  }
  return maxAge;
}
