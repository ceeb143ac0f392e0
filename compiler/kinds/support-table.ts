// The kinds' field tables as the Markdown page that tells users what is supported. In: kinds. Out: the whole page.

import type { FieldState, Kind } from "./kind.ts";

const introduction = `# What is supported

Generated from the field tables in \`compiler/kinds/\` by \`node docs/generate-support.ts\`; a test fails when it is out of date.

- **yes**: has its effect. A value that has none is a warning at its line.
- **not yet**: exists upstream; accepted with a warning that names its line, and without effect.
- **no effect**: accepted with a warning, without effect by design; the reason follows.

A field that is not in the table of its kind does not exist upstream, and is an error. \`[]\` is a list, \`{}\` a mapping
with keys of the user's, \`.*\` everything below.
`;

/** Kinds in the order given; fields in the order of their tables. */
export function renderSupportTable(kinds: readonly Kind[]): string {
  const sections = kinds.map((kind) => renderKind(kind));
  return `${[introduction, renderSummary(kinds), ...sections].join("\n")}`;
}

function renderSummary(kinds: readonly Kind[]): string {
  const rows = kinds.map((kind) => {
    const counts = countStates(kind);
    const name = `[${kind.kind}](#${kind.kind.toLowerCase()})`;
    return `| ${name} | ${kind.group || "core"} | ${kind.versions.join(", ")} | ${counts.yes} | ${counts.no} | ${counts.ignored} |`;
  });
  const head = [
    "| kind | group | versions | yes | not yet | no effect |",
    "| --- | --- | --- | --: | --: | --: |",
  ];
  return `${[...head, ...rows].join("\n")}\n`;
}

function countStates(kind: Kind): { readonly yes: number; readonly no: number; readonly ignored: number } {
  const states = Object.values(kind.fields);
  return {
    yes: states.filter((state) => typeof state === "string" && state !== "no").length,
    no: states.filter((state) => state === "no").length,
    ignored: states.filter((state) => typeof state === "object").length,
  };
}

function renderKind(kind: Kind): string {
  const rows = Object.entries(kind.fields).map(
    ([path, state]) => `| \`${path}\` | ${describeState(state)} |`,
  );
  return `${[`## ${kind.kind}`, "", "| field | state |", "| --- | --- |", ...rows].join("\n")}\n`;
}

function describeState(state: FieldState): string {
  switch (state) {
    case "no":
      return "not yet";
    default:
      if (typeof state === "string") return state;
      return state.ignored === "" ? "no effect" : `no effect: ${state.ignored}`;
  }
}
