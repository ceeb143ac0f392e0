// In: the text of a generated module. Out: the same module, whose descriptor comes out of the image when it is needed instead
// of being written out in each module, with imports of every other one only to find what is in them.

/** Throws when the module is not as the generator has written it so far. */
export function lightenModule(text: string): string {
  const found = /^\/\/ @generated from file (\S+) /m.exec(text);
  const name = found?.[1];
  const described = /fileDesc\("[A-Za-z0-9+/=]*"(?:, \[[^\]]*\])?\)/;
  if (name === undefined || !described.test(text)) {
    throw new Error("the generator writes modules in another way than this is made for");
  }
  const own = `import { fileOf } from "@envoyproxy/protos-ts/files";\n`;
  return text
    .replace(described, `fileOf(${JSON.stringify(name)})`)
    .replaceAll(/^import \{ file_[^}]*\} from "[^"]+";\n/gm, "")
    .replace(/^import \{([^}]*)\} from "@bufbuild\/protobuf\/codegenv2";\n/m, (_, names: string) => {
      const others = names.split(",").filter((each) => each.trim() !== "fileDesc");
      const rest =
        others.length > 0 ? `import {${others.join(",")}} from "@bufbuild/protobuf/codegenv2";\n` : "";
      return `${rest}${own}`;
    });
}
