// Text from policy files, made safe to show: what a terminal would obey or hide becomes a character of the same width.

// C0 controls and DEL, C1 controls, and the marks that change the direction of text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const invisible = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Newlines and tabs included. Nothing else changes, and neither does the length. */
export function visible(text: string): string {
  return text.replaceAll(invisible, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}
