// Writes docs/support.md from the field tables of the kinds. Run it after changing one.

import { writeFileSync } from "node:fs";
import { kinds } from "../compiler/kinds/registry.ts";
import { renderSupportTable } from "../compiler/kinds/support-table.ts";

writeFileSync(new URL("support.md", import.meta.url), renderSupportTable(kinds));
