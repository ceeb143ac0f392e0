// In: the checkout. Out: node_modules that agrees with package-lock.json, Node 26 included. Plain JavaScript that needs
// no package, because it runs under whatever Node (18 or later) the user has, before there are any packages.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Path of the Node that everything here runs under, once the packages are installed. */
export function projectNode(root) {
  return join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** Runs `npm ci` if needed. Returns `undefined`, or a text that says what went wrong and how to go on. */
export function installPackages(root, say) {
  if (packagesAreCurrent(root)) return undefined;
  say("installing packages (npm ci) ...");
  const installed = runNpm(root, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (installed.error) return "npm was not found. Install Node with npm, then run this again.";
  if (installed.status !== 0) {
    return "npm ci failed (its messages are above). It needs the network, or a registry that your npm is set up for.";
  }
  if (!existsSync(projectNode(root))) fetchNode(root, say);
  if (existsSync(projectNode(root))) return undefined;
  return "The npm package `node` is installed, but its Node binary is not: npm did not run its install script. Run `npm rebuild node`.";
}

/** The `node` package fetches its binary from an install script, which an npm may be configured not to run. */
function fetchNode(root, say) {
  say("fetching Node (install script of the package `node`) ...");
  spawnSync(process.execPath, ["installArchSpecificPackage.js"], {
    cwd: join(root, "node_modules", "node"),
    stdio: ["ignore", 2, 2],
  });
}

function runNpm(root, args) {
  const cli = process.env.npm_execpath;
  const [command, prefix] = cli?.endsWith(".js") ? [process.execPath, [cli]] : ["npm", []];
  return spawnSync(command, [...prefix, ...args], { cwd: root, stdio: ["ignore", 2, 2] });
}

/** npm keeps a record of what it installed; set-up has nothing to do when that says what package-lock.json says. */
function packagesAreCurrent(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(projectNode(root)) || !existsSync(record)) return false;
  return sameLock(readPackages(join(root, "package-lock.json")), readPackages(record));
}

/** Whether each package wanted is installed as wanted; one for another platform may be absent. */
export function sameLock(wanted, installed) {
  const names = Object.keys(wanted).filter((name) => name !== "");
  return names.every((name) => {
    const want = wanted[name];
    const have = installed[name];
    if (have === undefined) return want.optional === true || want.devOptional === true || want.peer === true;
    return have.version === want.version && have.integrity === want.integrity && have.link === want.link;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}
