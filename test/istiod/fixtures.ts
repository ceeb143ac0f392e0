// The golden cases of the compiler as worlds to compare.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { compileCase, listCases } from "../fixtures/cases.ts";
import type { World } from "./worlds.ts";

export function fixtureWorlds(): readonly World[] {
  return listCases().map((each) => {
    const settings = path.join(each.folder, "mesh-config.yaml");
    return {
      name: each.name,
      text: readFileSync(path.join(each.folder, "input.yaml"), "utf8"),
      meshConfig: existsSync(settings) ? readFileSync(settings, "utf8") : undefined,
      proxies: compileCase(each).proxies.map(({ proxy }) => proxy),
    };
  });
}
