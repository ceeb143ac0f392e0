// Envoy's rules for URI templates. In: the template as Envoy would read it. Out: what is wrong with it. The front ends'
// spelling of templates is not known here.

/** What Envoy 1.40 takes in a literal segment (RFC 3986 pchar with `*` and `=`). */
const literal = /^[A-Za-z0-9._~%!$&'()*+,;:@=-]+$/;
const variableName = /^[A-Za-z][A-Za-z0-9_]*$/;
const maxLength = 256;
const maxVariables = 5;
const maxVariableNameLength = 16;

/** A glob that ends the matching (`**`) or one that takes a segment (`*`). */
type Glob = "path" | "text";

interface Parsed {
  readonly globs: readonly Glob[];
  readonly rest: string;
}

class Flaw {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Why Envoy would not load the template (`envoy.extensions.path.match.uri_template.v3`), or undefined when it would.
 * Stock Envoy 1.40 aborts the process on a bad template inside an RBAC filter instead of refusing it, so none may leave.
 */
export function findTemplateFlaw(template: string): string | undefined {
  const result = checkTemplate(template);
  return result instanceof Flaw ? result.reason : undefined;
}

function checkTemplate(template: string): Flaw | undefined {
  if (template.length > maxLength) return new Flaw(`it is longer than ${maxLength} characters`);
  if (!/^\/[\x21-\x7e]*$/.test(template)) {
    return new Flaw("it must begin with `/` and have only printable ASCII characters without spaces");
  }
  const globs: Glob[] = [];
  const names = new Set<string>();
  let rest = template.slice(1);
  while (rest !== "") {
    const segment = readSegment(rest, names);
    if (segment instanceof Flaw) return segment;
    globs.push(...segment.globs);
    rest = segment.rest;
    if (rest === "/") break;
    if (rest.startsWith("/")) rest = rest.slice(1);
    else if (rest !== "") return checkSuffix(rest) ?? checkGlobs(globs);
  }
  return checkGlobs(globs);
}

function readSegment(text: string, names: Set<string>): Parsed | Flaw {
  if (text.startsWith("**")) return { globs: ["text"], rest: text.slice(2) };
  if (text.startsWith("*")) return { globs: ["path"], rest: text.slice(1) };
  if (text.startsWith("{")) return readVariable(text, names);
  return readLiteral(text);
}

function readLiteral(text: string): Parsed | Flaw {
  const end = text.indexOf("/");
  const segment = end < 0 ? text : text.slice(0, end);
  if (segment === "") return new Flaw("it has an empty segment (`//`)");
  if (!literal.test(segment))
    return new Flaw(`the segment \`${segment}\` has a character that paths cannot have`);
  return { globs: [], rest: text.slice(segment.length) };
}

/** `{name}` or `{name=a/*&#47;b}`. */
function readVariable(text: string, names: Set<string>): Parsed | Flaw {
  const end = text.indexOf("}");
  if (end < 0) return new Flaw("a `{` has no `}`");
  const [name = "", ...pattern] = text.slice(1, end).split("=");
  if (!variableName.test(name)) return new Flaw(`\`${name}\` is not a variable name`);
  if (name.length > maxVariableNameLength) return new Flaw(`the variable name \`${name}\` is too long`);
  if (names.has(name)) return new Flaw(`the variable \`${name}\` is there twice`);
  names.add(name);
  if (names.size > maxVariables) return new Flaw(`it has more than ${maxVariables} variables`);
  const rest = text.slice(end + 1);
  if (pattern.length === 0) return { globs: ["path"], rest };
  const globs = readVariablePattern(pattern.join("="));
  return globs instanceof Flaw ? globs : { globs, rest };
}

function readVariablePattern(pattern: string): readonly Glob[] | Flaw {
  const globs: Glob[] = [];
  for (const part of pattern.split("/")) {
    if (part === "*") globs.push("path");
    else if (part === "**") globs.push("text");
    else if (part.startsWith("*") || !literal.test(part)) {
      return new Flaw(`a variable's pattern has the invalid segment \`${part}\``);
    }
  }
  return globs;
}

/** What directly follows a glob or variable: only a literal, and only at the very end. */
function checkSuffix(text: string): Flaw | undefined {
  const suffix = readLiteral(text);
  if (suffix instanceof Flaw) return suffix;
  return suffix.rest === "" ? undefined : new Flaw("text right after a wildcard may only end the template");
}

function checkGlobs(globs: readonly Glob[]): Flaw | undefined {
  const textGlob = globs.indexOf("text");
  if (textGlob < 0 || textGlob === globs.length - 1) return undefined;
  return new Flaw("`**` must be the last wildcard");
}
