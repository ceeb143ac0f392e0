// The one order of texts: by code unit, the same on every machine, whatever its language settings.

/** For `sort`: negative when `a` comes first. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
