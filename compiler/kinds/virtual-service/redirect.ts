// Answers that no destination gives: redirects and fixed responses.

import type { DirectResponse, Redirect } from "../../model/routes.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readNumber,
  readRawText,
  readText,
  report,
  reportExclusive,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { readOptionalPort } from "../shared/port.ts";
import { readHeaderText } from "./header-format.ts";

const codes: readonly Redirect["code"][] = [301, 302, 303, 307, 308];

const derivedPorts = {
  FROM_PROTOCOL_DEFAULT: "protocol-default",
  FROM_REQUEST_PORT: "request-port",
} as const;

/** Envoy's operator for "the prefix that the route matched". */
const prefixOperator = "%PREFIX()%";

export function readRedirect(place: Place): Redirect {
  const targets = ["uri", "prefixRewrite", "authority", "port", "derivePort", "scheme"];
  if (setFields(place, targets).length === 0) {
    report(
      place,
      "invalid-value",
      "the redirect leads back to the same place",
      `set one of ${targets.join(", ")}`,
    );
  }
  reportExclusive(place, ["uri", "prefixRewrite"]);
  reportExclusive(place, ["port", "derivePort"]);
  const uri = readHeaderText(at(place, "uri"));
  const ownPrefix = uri?.startsWith(prefixOperator) ? uri.slice(prefixOperator.length) : undefined;
  const port: Redirect["port"] =
    readOptionalPort(at(place, "port")) ?? readChoice(at(place, "derivePort"), derivedPorts);
  return compact<Redirect>({
    type: "redirect",
    uri: ownPrefix === undefined ? uri : undefined,
    prefixRewrite: ownPrefix ?? readHeaderText(at(place, "prefixRewrite")),
    authority: readHeaderText(at(place, "authority")),
    port,
    scheme: readScheme(at(place, "scheme")),
    code: readCode(at(place, "redirectCode")),
  });
}

function readScheme(place: Place): string | undefined {
  const scheme = readText(place);
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    report(place, "invalid-value", `"${scheme}" is not a scheme to redirect to: http or https`);
  }
  return scheme;
}

function readCode(place: Place): Redirect["code"] {
  const number = readNumber(place) || 301;
  const code = codes.find((one) => one === number);
  if (code === undefined)
    report(place, "invalid-value", `${number} is not one of the redirect codes ${codes.join(", ")}`);
  return code ?? 301;
}

const largestBody = 1024 * 1024;
const largeBody = 100 * 1024;

export function readDirectResponse(place: Place): DirectResponse {
  const status = at(place, "status");
  if (!isSet(status)) reportMissing(place, "status");
  return compact<DirectResponse>({
    type: "direct-response",
    status: readStatus(status) ?? 200,
    body: readBody(at(place, "body")),
  });
}

/** An HTTP status that Envoy can answer with by itself: 200–599. */
export function readStatus(place: Place): number | undefined {
  const status = readNumber(place);
  if (status === undefined || (Number.isInteger(status) && status >= 200 && status <= 599)) return status;
  report(place, "invalid-value", `${status} is not an HTTP status between 200 and 599`);
  return undefined;
}

function readBody(place: Place): DirectResponse["body"] {
  if (!isSet(place)) return undefined;
  reportExclusive(place, ["string", "bytes"]);
  const text = readRawText(at(place, "string"));
  const base64 = readRawText(at(place, "bytes"));
  if (text !== undefined) {
    checkSize(at(place, "string"), new TextEncoder().encode(text).length);
    return { type: "string", value: text };
  }
  if (base64 === undefined) return undefined;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
    report(at(place, "bytes"), "invalid-value", "the body is not base64");
  }
  checkSize(at(place, "bytes"), (base64.length * 3) / 4);
  return { type: "bytes", base64 };
}

function checkSize(place: Place, bytes: number): void {
  if (bytes > largestBody) {
    report(place, "invalid-value", "the body is larger than 1 MiB", "serve it from a destination");
  } else if (bytes > largeBody) {
    report(
      place,
      "costly-setting",
      "a body this large goes to every proxy, again and again",
      "serve it from a destination",
    );
  }
}
