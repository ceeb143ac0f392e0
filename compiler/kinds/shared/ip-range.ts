// IP addresses and CIDR blocks as text. In: what a user wrote. Out: address, prefix length and family, or nothing when it
// is neither. Names are not resolved.

import { type Place, readText, report } from "./place.ts";

export interface IpRange {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 4 | 6;
}

/** An address (a range of one) or a CIDR block. Host bits may be set; zones (`%eth0`) may not. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = ipFamily(address);
  if (family === undefined) return undefined;
  const longest = family === 4 ? 32 : 128;
  if (slash < 0) return { address, prefixLength: longest, family };
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > longest) return undefined;
  return { address, prefixLength: Number(length), family };
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isIpAddress(text: string): boolean {
  return ipFamily(text) !== undefined;
}

/** Undefined when empty; what is not an address is reported. */
export function readIpAddress(place: Place): string | undefined {
  const text = readText(place);
  if (text !== undefined && !isIpAddress(text)) {
    report(place, "invalid-address", `"${text}" is not an IP address`);
  }
  return text;
}

/** 4 or 6, or undefined for anything that is not an address. */
export function ipFamily(text: string): 4 | 6 | undefined {
  if (isIpv4(text)) return 4;
  return isIpv6(text) ? 6 : undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291 2.2: eight groups, one run of which may be `::`, the last two of which may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  const last = all.at(-1);
  const embedded = last?.includes(".") ?? false;
  if (embedded && (!isIpv4(last ?? "") || text.endsWith("::"))) return false;
  const plain = embedded ? all.slice(0, -1) : all;
  if (!plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  const count = plain.length + (embedded ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}
