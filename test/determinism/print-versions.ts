// Prints what every world compiles to, as JSON: what a process that has done nothing else makes of them, last world first.

import { listWorlds, versionsOf } from "./worlds.ts";

const worlds = listWorlds().toReversed();
const versions = worlds.map(({ name, input, proxies }) => [name, versionsOf(input, proxies)]);
process.stdout.write(JSON.stringify(Object.fromEntries(versions)));
