// Header values that Envoy will write as they are, or with the commands in them replaced.

import { faultOfFormat } from "../shared/format-commands.ts";

/** Why Envoy would refuse the value; undefined when it would not. */
export function faultOfHeaderValue(value: string): string | undefined {
  return hasControlCharacter(value) ? "it has control characters" : faultOfFormat(value);
}

function hasControlCharacter(value: string): boolean {
  return [...value].some((character) => {
    const code = character.charCodeAt(0);
    return (code < 0x20 && code !== 0x09) || code === 0x7f;
  });
}
