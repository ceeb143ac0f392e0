// `node test/upstream/table.ts` prints what Istio's own files come to, for release notes and reports.

import { absent } from "./istio-files.ts";
import { renderTable } from "./summary.ts";
import { compileWorld, listWorlds } from "./worlds.ts";

process.stdout.write(`${absent ?? renderTable(listWorlds().map(compileWorld))}\n`);
