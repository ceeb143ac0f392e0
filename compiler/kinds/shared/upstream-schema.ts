// The compiled validators of the upstream CRDs as functions from a value to violations in our own words. They know
// types, required fields, enumerations and ranges; they do not know unknown fields.

import type { Path } from "../../1-parse/index.ts";
import type { SchemaViolation } from "../kind.ts";

/** A class of `@kubernetes-models/*`: its `validate` throws what is wrong with `this`. */
export interface ModelClass {
  readonly prototype: { validate(): void };
}

interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The structural check of one kind. */
export function upstreamSchema(model: ModelClass): (value: unknown) => readonly SchemaViolation[] {
  return (value) => {
    try {
      Reflect.apply(model.prototype.validate, value, []);
      return [];
    } catch (error) {
      if (!isValidationError(error)) throw error;
      return describeAll(error.errors, value);
    }
  };
}

function isValidationError(error: unknown): error is Error & { readonly errors: readonly SchemaError[] } {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** A place of the wrong type fails every alternative as well: only the type is worth a word. */
function describeAll(errors: readonly SchemaError[], root: unknown): readonly SchemaViolation[] {
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === "type").map((one) => one.instancePath));
  const seen = new Set<string>();
  const violations: SchemaViolation[] = [];
  for (const error of errors) {
    // One schema serves every version of a kind: which versions exist is judged before it.
    if (error.instancePath === "/apiVersion" || error.instancePath === "/kind") continue;
    const violation = describe(error, root);
    if (violation.vague === true && mistyped.has(error.instancePath)) continue;
    const key = `${error.instancePath} ${violation.message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    violations.push(violation);
  }
  return violations;
}

function describe(error: SchemaError, root: unknown): SchemaViolation {
  const path = pointerPath(error.instancePath, root);
  const { params } = error;
  const invalid = (message: string): SchemaViolation => ({ path, code: "invalid-value", message });
  switch (error.keyword) {
    case "required": {
      const field = String(params.missingProperty);
      const parent = path.at(-1);
      const owner =
        path.length === 0 ? "the object" : typeof parent === "number" ? "this entry" : `"${parent}"`;
      return { path: [...path, field], code: "missing-field", message: `${owner} has no "${field}"` };
    }
    case "type":
      return invalid(`expected ${typeName(params.type)}, not ${valueText(valueAt(root, path))}`);
    case "enum":
      return invalid(`${valueText(valueAt(root, path))} is not one of ${listText(params.allowedValues)}`);
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return invalid(
        `${valueText(valueAt(root, path))} is not ${String(params.comparison)} ${String(params.limit)}`,
      );
    case "minLength":
      return invalid(
        params.limit === 1
          ? "an empty text is not allowed"
          : `shorter than ${String(params.limit)} characters`,
      );
    case "maxLength":
      return invalid(`longer than ${String(params.limit)} characters`);
    case "minItems":
    case "minProperties":
      return invalid(`needs at least ${count(params.limit)}`);
    case "maxItems":
    case "maxProperties":
      return invalid(`has more than ${count(params.limit)}`);
    case "pattern":
      return invalid(`${valueText(valueAt(root, path))} does not match ${String(params.pattern)}`);
    case "format":
      return invalid(`${valueText(valueAt(root, path))} is not a valid ${String(params.format)}`);
    case "oneOf":
    case "anyOf":
    case "not":
      return { ...invalid("these fields cannot stand together, or one of them is missing"), vague: true };
    default:
      return invalid(error.message ?? `fails the schema's "${error.keyword}"`);
  }
}

/** A JSON pointer as a path; steps into lists become numbers. */
function pointerPath(pointer: string, root: unknown): Path {
  if (pointer === "") return [];
  let value: unknown = root;
  return pointer
    .slice(1)
    .split("/")
    .map((escaped) => {
      const step = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
      const key = Array.isArray(value) ? Number(step) : step;
      value = childOf(value, key);
      return key;
    });
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(childOf, root);
}

function childOf(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return JSON.stringify(value) ?? "nothing";
}

function typeName(type: unknown): string {
  switch (type) {
    case "object":
      return "a mapping";
    case "array":
      return "a list";
    case "integer":
      return "a whole number";
    case "boolean":
      return "true or false";
    default:
      return `a ${String(type)}`;
  }
}

function listText(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(", ") : String(values);
}

function count(limit: unknown): string {
  return limit === 1 ? "1 entry" : `${String(limit)} entries`;
}
