// Changes to the headers of requests and responses.

import type { HeaderChange, HeaderOperations, HeaderPair } from "../../model/routes.ts";
import { at, type Place, readEntries, readItems, readRawText, report } from "../shared/place.ts";
import { faultOfHeaderValue } from "./header-format.ts";

const noChange: HeaderChange = { set: [], add: [], remove: [] };

export const noHeaderOperations: HeaderOperations = { request: noChange, response: noChange };

/** RFC 9110 5.6.2: a token; HTTP/2's pseudo-headers have a colon in front. */
const headerName = /^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isHeaderName(text: string): boolean {
  return headerName.test(text) && !text.startsWith(":");
}

/** Whether the header says which host the request is for. */
export function isAuthority(name: string): boolean {
  return /^(?:host|:authority)$/i.test(name);
}

/** `headers` of a rule or of one destination. */
export function readHeaderOperations(place: Place): HeaderOperations {
  return {
    request: readChange(at(place, "request"), true),
    response: readChange(at(place, "response"), false),
  };
}

/** Only a request's authority may be set, and it cannot be removed. Lists are sorted by name. */
function readChange(place: Place, request: boolean): HeaderChange {
  return {
    set: readPairs(at(place, "set"), request),
    add: readPairs(at(place, "add"), request),
    remove: readItems(at(place, "remove")).flatMap((item) => {
      const name = readRawText(item);
      if (name === undefined || !checkName(item, name, false, "invalid-name")) return [];
      return [name.toLowerCase()];
    }),
  };
}

function readPairs(place: Place, authority: boolean): readonly HeaderPair[] {
  return readEntries(place).flatMap(([name, entry]) => {
    const value = readRawText(entry);
    if (!checkName(entry, name, authority, "invalid-key") || value === undefined) return [];
    const fault = faultOfHeaderValue(value);
    if (fault !== undefined) report(entry, "invalid-value", `Envoy cannot write this header value: ${fault}`);
    return [{ name: name.toLowerCase(), value }];
  });
}

function checkName(
  place: Place,
  name: string,
  authority: boolean,
  code: "invalid-name" | "invalid-key",
): boolean {
  if (isAuthority(name)) {
    if (authority) return true;
    report(place, code, `the header "${name}" can only be set, and only in requests`);
    return false;
  }
  if (isHeaderName(name)) return true;
  const why = name.startsWith(":") ? "pseudo-headers cannot be changed" : "it is not a header name";
  report(place, code, `"${name}": ${why}`);
  return false;
}
