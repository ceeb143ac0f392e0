// Which requests an HTTP rule is for.

import type { HeaderMatch, HttpMatch, NamedMatch, PathMatch, StringMatch } from "../../model/match.ts";
import { isDnsLabel } from "../../model/names.ts";
import { readLabels } from "../shared/labels.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readEntries,
  readFlag,
  readItems,
  readText,
  report,
} from "../shared/place.ts";
import { readOptionalPort } from "../shared/port.ts";
import { readFilledStringMatch, readStringMatch } from "../shared/string-match.ts";
import { readGatewayNames } from "./gateway-names.ts";
import { isHeaderName } from "./headers.ts";

/** The alternatives of a rule. `meshBound`: sidecars serve it, which have no verified JWTs to match on. */
export function readHttpMatches(place: Place, meshBound: boolean): readonly HttpMatch[] {
  return readItems(place).map((item) => readHttpMatch(item, meshBound));
}

function readHttpMatch(place: Place, meshBound: boolean): HttpMatch {
  const uri = at(place, "uri");
  const ignoreCase = readFlag(at(place, "ignoreUriCase")) ?? false;
  const path = readPath(uri);
  if (ignoreCase && path?.type === "regex") {
    const message = `"ignoreUriCase" has no effect on a regular expression`;
    report(at(place, "ignoreUriCase"), "ineffective-field", message, "begin the expression with (?i)");
  }
  return compact<HttpMatch>({
    name: readText(at(place, "name")),
    path,
    ignoreCase,
    scheme: readValue(at(place, "scheme")),
    method: readValue(at(place, "method")),
    authority: readValue(at(place, "authority")),
    headers: [
      ...readHeaders(at(place, "headers"), false, meshBound),
      ...readHeaders(at(place, "withoutHeaders"), true, meshBound),
    ],
    query: readQuery(at(place, "queryParams")),
    statPrefix: readText(at(place, "statPrefix")),
    port: readOptionalPort(at(place, "port")),
    sourceLabels: readLabels(at(place, "sourceLabels")),
    sourceNamespace: readSourceNamespace(at(place, "sourceNamespace")),
    gateways: readGatewayNames(at(place, "gateways")),
    origin: originAt(place),
  });
}

/** Namespace of the client; undefined when any will do. */
export function readSourceNamespace(place: Place): string | undefined {
  const namespace = readText(place);
  if (namespace !== undefined && !isDnsLabel(namespace)) {
    report(place, "invalid-name", `"${namespace}" is not a namespace`);
  }
  return namespace;
}

/** A match without content asks nothing of a path. */
function readPath(place: Place): PathMatch | undefined {
  const match = isSet(place) ? readStringMatch(place) : undefined;
  if (match === undefined || match.type === "present") return undefined;
  if (match.type === "suffix") return undefined;
  if (match.type !== "regex" && match.value !== "" && !match.value.startsWith("/")) {
    const message = `no path begins like "${match.value}": paths begin with "/"`;
    report(at(place, match.type), "ineffective-field", message);
  }
  return match.type === "prefix" && match.value === "" ? { type: "prefix", value: "/" } : match;
}

function readValue(place: Place): StringMatch | undefined {
  const match = isSet(place) ? readFilledStringMatch(place) : undefined;
  return match?.type === "present" ? undefined : match;
}

function readHeaders(place: Place, invert: boolean, meshBound: boolean): readonly HeaderMatch[] {
  return readEntries(place).flatMap(([name, entry]) => {
    checkHeaderName(entry, name, meshBound);
    const match = readHeaderMatch(entry, invert);
    return match === undefined ? [] : [{ name: name.toLowerCase(), match, invert }];
  });
}

/** `withoutHeaders` takes the regular expression `*`, which is none, for "whatever its value". */
function readHeaderMatch(place: Place, invert: boolean): StringMatch | undefined {
  if (!isSet(place) && !invert) report(place, "invalid-value", "a header match must not be null");
  if (invert && at(place, "regex").value === "*") return { type: "present" };
  return readFilledStringMatch(place);
}

const claimPrefix = "@request.auth.claims";

function checkHeaderName(place: Place, name: string, meshBound: boolean): void {
  if (!name.startsWith(claimPrefix)) {
    if (!isHeaderName(name)) report(place, "invalid-key", `"${name}" is not a header name`);
    return;
  }
  if (meshBound) {
    report(place, "invalid-key", "routing by the claims of a JWT is only possible at gateways");
  } else {
    const message = "routing by the claims of a JWT is not supported yet: the match never holds";
    report(place, "unsupported-field", message);
  }
}

function readQuery(place: Place): readonly NamedMatch[] {
  return readEntries(place).flatMap(([name, entry]) => {
    const match = readFilledStringMatch(entry);
    return match === undefined ? [] : [{ name, match }];
  });
}
