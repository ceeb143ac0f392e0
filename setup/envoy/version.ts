// In: what `envoy --version` prints. Out: a release number and whether it is new enough. Pure.

/** The release in the output of `envoy --version` (`…/1.40.0/Clean/RELEASE/BoringSSL`); `undefined` when there is none. */
export function parseEnvoyVersion(output: string): string | undefined {
  return /version:\s*[0-9a-f]+\/(\d+\.\d+\.\d+)(?:-[\w.]+)?\//.exec(output)?.[1];
}

/** Whether release `version` is `oldest` or later, number by number. */
export function isAtLeast(version: string, oldest: string): boolean {
  const have = version.split(".").map(Number);
  const want = oldest.split(".").map(Number);
  for (const [index, wanted] of want.entries()) {
    const number = have[index] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}
