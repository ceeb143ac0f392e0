// Types of `packages.mjs`, which is plain JavaScript because it runs before there is anything to compile it with.

/** One entry of a package-lock.json's `packages`. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
}

/** Whether each package wanted is installed as wanted; one for another platform may be absent. */
export function sameLock(
  wanted: Readonly<Record<string, LockedPackage>>,
  installed: Readonly<Record<string, LockedPackage>>,
): boolean;
