// The rules of the house that a type checker cannot say: which way imports point, what stays pure, how long a file may be.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { filterPolicies, kinds } from "../compiler/kinds/registry.ts";

const root = path.join(import.meta.dirname, "..");
const skipped = new Set(["node_modules", ".git", ".envoy", "gen", ".cache", ".fairlead"]);

interface SourceFile {
  readonly name: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function walk(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) return walk(name);
    return /\.(ts|mjs)$/.test(entry.name) ? [name] : [];
  });
}

const files: readonly SourceFile[] = walk("").map((name) => {
  const text = readFileSync(path.join(root, name), "utf8");
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
  return { name, text, imports };
});

const product = files.filter(({ name }) => !isTest(name));

function isTest(name: string): boolean {
  return name.endsWith(".test.ts") || /^(test|bench)\//.test(name) || /(^|\/)testing\//.test(name);
}

/** The file an import means, from the root; undefined for packages. */
function resolved(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? path.join(path.dirname(from), specifier) : undefined;
}

const codeOf = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");

test("no hand-written file is longer than 500 lines", (t) => {
  const long = files.filter(({ text }) => text.split("\n").length > 501).map(({ name }) => name);
  t.deepEqual(long, []);
});

test("no file is named after nothing in particular", (t) => {
  const vague = files.filter(({ name }) => /(^|[/-])(utils?|helpers?|common|misc)\.ts$/.test(name));
  t.deepEqual(vague, []);
});

test("every file says in its first line what it is", (t) => {
  const silent = product.filter(({ text }) => !/^(#!.*\n)?\/[/*] ?\S/.test(text)).map(({ name }) => name);
  t.deepEqual(silent, []);
});

// Who may know whom, by `#name`. What is not listed may import anything but tests.
const allowed: Readonly<Record<string, readonly string[]>> = {
  identity: [],
  immutable: [],
  der: [],
  encoding: [],
  protos: [],
  compiler: ["#identity", "#immutable", "#der", "#encoding"],
  "xds-server": ["#identity", "#immutable", "#encoding", "#compiler"],
  ca: ["#identity", "#der"],
  sources: [],
  setup: [],
  agent: ["#identity", "#ca"],
  runtime: ["#identity", "#immutable", "#compiler", "#xds-server", "#ca", "#sources"],
  demo: ["#identity", "#compiler", "#xds-server", "#ca", "#runtime", "#agent", "#setup"],
};

test("folders know only the folders below them", (t) => {
  const wrong = product.flatMap(({ name, imports }) => {
    const [top = ""] = name.split("/");
    const may = allowed[top];
    if (!may || !name.includes("/")) return [];
    return imports
      .filter((each) => each.startsWith("#") && !may.includes(each))
      .map((each) => `${name} imports ${each}`);
  });
  t.deepEqual(wrong, []);
});

test("between top-level folders, only through #name", (t) => {
  const wrong = product.flatMap(({ name, imports }) => {
    const [top] = name.split("/");
    // The support table is generated from the registry, which is nobody else's business.
    if (top === "docs") return [];
    return imports.flatMap((each) => {
      const target = resolved(name, each);
      return target && target.split("/")[0] !== top && name.includes("/")
        ? [`${name} imports ${target}`]
        : [];
    });
  });
  t.deepEqual(wrong, []);
});

test("the xDS server knows the compiler by types only", (t) => {
  const wrong = product.filter(
    ({ name, text }) => name.startsWith("xds-server/") && /^import (?!type)[^;]*"#compiler"/m.test(text),
  );
  t.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
});

const stageOf = (name: string) => /^compiler\/([1-5])-[a-z]+\//.exec(name)?.[1];

test("a stage imports only earlier stages", (t) => {
  const wrong = product.flatMap(({ name, imports }) => {
    const stage = stageOf(name);
    if (!stage) return [];
    return imports.flatMap((each) => {
      const target = resolved(name, each);
      const other = target && stageOf(target);
      return other && other > stage ? [`${name} imports ${target}`] : [];
    });
  });
  t.deepEqual(wrong, []);
});

test("stages know of kinds only their contract", (t) => {
  const wrong = product.flatMap(({ name, imports }) => {
    if (!stageOf(name)) return [];
    return imports.flatMap((each) => {
      const target = resolved(name, each) ?? "";
      return target.startsWith("compiler/kinds/") && target !== "compiler/kinds/kind.ts"
        ? [`${name} imports ${target}`]
        : [];
    });
  });
  t.deepEqual(wrong, []);
});

test("from the mesh on, no stage names a kind", (t) => {
  // Three names mean something else there: the SDS Secret, a list of endpoints, and the model's own settings.
  const names = kinds
    .map(({ kind }) => kind)
    .filter((kind) => !["Secret", "Endpoints", "MeshConfig"].includes(kind));
  const pattern = new RegExp(`\\b(${names.join("|")})\\b`);
  const wrong = product
    .filter(({ name }) => ["3", "4", "5"].includes(stageOf(name) ?? ""))
    .flatMap(({ name, text }) => {
      const found = pattern.exec(codeOf(text));
      return found ? [`${name}: ${found[1]}`] : [];
    });
  t.deepEqual(wrong, []);
});

test("a kind does not know another kind", (t) => {
  const folderOf = (name: string) => /^compiler\/kinds\/([a-z-]+)\//.exec(name)?.[1];
  const wrong = product.flatMap(({ name, imports }) => {
    const own = folderOf(name);
    if (!own || own === "shared") return [];
    return imports.flatMap((each) => {
      const other = folderOf(resolved(name, each) ?? "");
      return other && other !== own && other !== "shared" ? [`${name} imports kind ${other}`] : [];
    });
  });
  t.deepEqual(wrong, []);
});

test("every kind is registered", (t) => {
  const folders = readdirSync(path.join(root, "compiler/kinds"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map(({ name }) => name);
  const registry = readFileSync(path.join(root, "compiler/kinds/registry.ts"), "utf8");
  t.deepEqual(
    folders.filter((folder) => !registry.includes(`./${folder}/`)),
    [],
  );
  t.true(filterPolicies.length > 0);
});

const pureFolders = ["compiler/", "identity/", "xds-server/cache/", "xds-server/stream/", "ca/issuance/"];

const readsBytes = ["xds-server/cache/hash.ts", "compiler/kinds/shared/key-material.ts"];

test("pure code reads no clock, chance, process, file or network", (t) => {
  const impure =
    /\b(Date\.now|new Date\(|Math\.random|process\.|console\.|setTimeout|setInterval|setImmediate)/;
  const wrong = product
    .filter(({ name }) => pureFolders.some((folder) => name.startsWith(folder)))
    .flatMap(({ name, text, imports }) => [
      ...imports
        .filter((each) => each.startsWith("node:"))
        // Hashing is a function of its argument, and so is what a certificate says.
        .filter((each) => each !== "node:crypto" || !readsBytes.includes(name))
        .map((each) => `${name} imports ${each}`),
      ...(impure.test(codeOf(text)) ? [`${name} uses ${impure.exec(codeOf(text))?.[1]}`] : []),
    ]);
  t.deepEqual(wrong, []);
});

test("only tests import tests and fixtures", (t) => {
  const wrong = product.flatMap(({ name, imports }) =>
    imports.flatMap((each) => {
      const target = resolved(name, each) ?? "";
      return /^(test|fixtures)\//.test(target) && !name.startsWith("docs/")
        ? [`${name} imports ${target}`]
        : [];
    }),
  );
  t.deepEqual(wrong, []);
});

test("the tree holds no path of one machine", (t) => {
  const wrong = files.filter(
    ({ name, text }) => !name.startsWith("test/") && /["'`/]\/(work|root)\//.test(text),
  );
  t.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
});

test("what package.json promises exists", (t) => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    exports: Record<string, string>;
    bin: Record<string, string>;
  };
  const missing = [...Object.values(manifest.exports), ...Object.values(manifest.bin)].filter(
    (file) => !existsSync(path.join(root, file)),
  );
  t.deepEqual(missing, []);
});
