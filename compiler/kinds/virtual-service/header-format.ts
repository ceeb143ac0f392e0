// Header values that Envoy will write as they are, or with the commands in them replaced.

import { faultOfFormat } from "../shared/format-commands.ts";
import { type Place, readText, report } from "../shared/place.ts";

/** Why Envoy would refuse the value; undefined when it would not. */
export function faultOfHeaderValue(value: string): string | undefined {
  return hasControlCharacter(value) ? "it has control characters" : faultOfFormat(value, "header");
}

/** A text that becomes a header or a part of one, as a path or an authority does; undefined when empty. */
export function readHeaderText(place: Place): string | undefined {
  const text = readText(place);
  if (text !== undefined && hasControlCharacter(text)) {
    report(place, "invalid-value", "control characters cannot stand in a path or header");
  }
  return text;
}

function hasControlCharacter(value: string): boolean {
  return [...value].some((character) => {
    const code = character.charCodeAt(0);
    return (code < 0x20 && code !== 0x09) || code === 0x7f;
  });
}
