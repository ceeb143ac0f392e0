// The contents of a Secret as texts. In: `data` (base64) and `stringData`. Out: texts that cannot be printed. No message
// quotes a value, and none points at one: a frame around the place would show it.

import { isJsonObject, type RawObject } from "../../../1-parse/index.ts";
import { Redacted } from "../../../model/security.ts";
import { decodeBase64 } from "../../shared/pem.ts";

export interface SecretData {
  readonly values: Readonly<Record<string, Redacted>>;
  /** Keys whose value is not base64 of a text. */
  readonly unreadable: readonly string[];
}

/** `stringData` wins, as when the object is applied. */
export function readSecretData(object: RawObject): SecretData {
  const values: Record<string, Redacted> = {};
  const unreadable: string[] = [];
  for (const [key, value] of entries(object.value.data)) {
    const text = typeof value === "string" ? decodeText(value) : undefined;
    if (text === undefined) unreadable.push(key);
    else values[key] = new Redacted(text);
  }
  for (const [key, value] of entries(object.value.stringData)) {
    if (typeof value === "string") values[key] = new Redacted(value);
    else unreadable.push(key);
  }
  return { values, unreadable: unreadable.filter((key) => !Object.hasOwn(values, key)) };
}

function entries(value: RawObject["value"][string] | undefined) {
  return isJsonObject(value) ? Object.entries(value) : [];
}

function decodeText(base64: string): string | undefined {
  const bytes = decodeBase64(base64);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
