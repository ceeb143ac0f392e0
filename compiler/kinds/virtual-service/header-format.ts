// Header values as Envoy reads them: text with `%COMMAND(argument):length%` in it, `%%` for a percent sign.

const command = /%(?:%|[A-Z][A-Z0-9_]*(?:\((?:[^()]|\([^()]*\))*\))?(?::\d+)?%)/g;

/** Why Envoy would refuse the value; undefined when it would not. Whether the command exists is not judged. */
export function faultOfHeaderValue(value: string): string | undefined {
  if (hasControlCharacter(value)) return "it has control characters";
  if (!value.replaceAll(command, "").includes("%")) return undefined;
  return `it has a "%" that begins no command; write "%%" for a percent sign`;
}

function hasControlCharacter(value: string): boolean {
  return [...value].some((character) => {
    const code = character.charCodeAt(0);
    return (code < 0x20 && code !== 0x09) || code === 0x7f;
  });
}
