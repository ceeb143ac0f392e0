// Who gets copies of what a rule routes.

import type { HttpRule, Mirror } from "../model/routes.ts";

/** All that a rule names, but for those of 0 %. */
export function mirrorsOf({ mirrors, mirror, mirrorPercentage = 100 }: HttpRule): readonly Mirror[] {
  const single = mirror ? [{ destination: mirror, percentage: mirrorPercentage }] : [];
  return [...mirrors, ...single].filter(({ percentage }) => percentage > 0);
}
