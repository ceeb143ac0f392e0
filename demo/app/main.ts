// The process around one application: `main.ts CONFIG.json`. Prints a line once it listens, and ends when its standard
// input does, so that it does not outlive whoever started it.

import { readFileSync } from "node:fs";
import { type ApplicationConfig, startApplication } from "./server.ts";

const [configFile = ""] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configFile, "utf8")) as ApplicationConfig;

process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();

await startApplication(config);
process.stdout.write("listening\n");
