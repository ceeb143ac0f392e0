// The network that an address and a prefix length name, in one spelling: Envoy ignores the bits behind the prefix.

import { isIPv4, isIPv6 } from "./address.ts";

/** Equal texts for equal networks; the input as it is when the address is none. */
export function networkOf(address: string, prefixLength: number): string {
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (bits === undefined) return `${address}/${prefixLength}`;
  const hidden = BigInt(Math.max(0, bits - prefixLength));
  const number = bits === 32 ? ipv4Number(address) : ipv6Number(address);
  return `${bits}:${((number >> hidden) << hidden).toString(16)}/${prefixLength}`;
}

function ipv4Number(address: string): bigint {
  return address.split(".").reduce((number, part) => (number << 8n) | BigInt(part), 0n);
}

function ipv6Number(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0n);
  return [...before, ...zeros, ...after].reduce((number, group) => (number << 16n) | group, 0n);
}

function groups(text: string): bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)];
    const embedded = ipv4Number(group);
    return [embedded >> 16n, embedded & 0xffffn];
  });
}

/** The same for a text such as `10.0.0.0/8`, or an address, which is a network of one. */
export function networkOfText(text: string): string {
  const [address = "", length] = text.split("/");
  return networkOf(address, length === undefined ? (isIPv4(address) ? 32 : 128) : Number(length));
}
