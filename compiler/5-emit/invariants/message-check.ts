// One message against the rules in its descriptor, and everything inside it. Rules are compiled once per message type.

import {
  type DescField,
  type DescMessage,
  type DescOneof,
  fromBinary,
  getOption,
  hasOption,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, type Duration, DurationSchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { FieldRulesSchema, required, rules } from "@envoyproxy/protos-ts/validate/validate";
import { isShared } from "#encoding";
import { contentsOf } from "../envoy-any.ts";
import { refusalsOf } from "./refusals/index.ts";
import { compileValueRules, durationFault } from "./value-rules.ts";
import type { Walk } from "./violation.ts";

/** Generated messages seen by property name, which is how they are read here. */
type Fields = Readonly<Record<string, unknown>>;
type MessageCheck = (message: Message, walk: Walk) => void;
type FieldCheck = (value: unknown, walk: Walk) => void;

const compiled = new Map<DescMessage, MessageCheck>();

/** The check of a message type, compiled at the first call. */
export function messageCheck(desc: DescMessage): MessageCheck {
  const known = compiled.get(desc);
  if (known !== undefined) return known;
  const made = compileMessage(desc);
  compiled.set(desc, made);
  return made;
}

function compileMessage(desc: DescMessage): MessageCheck {
  const refusals = refusalsOf(desc);
  const members = desc.members.flatMap((member) => {
    const check = member.kind === "oneof" ? compileOneof(member) : compileField(member);
    return check === undefined ? [] : [{ localName: member.localName, name: member.name, check }];
  });
  return (message, walk) => {
    for (const { localName, check } of members) check((message as unknown as Fields)[localName], walk);
    for (const refusal of refusals) refusal(message, walk);
  };
}

function compileOneof(oneof: DescOneof): FieldCheck {
  const cases = new Map(oneof.fields.map((field) => [field.localName, compileField(field, true)]));
  const isRequired = hasOption(oneof, required) && getOption(oneof, required);
  return (value, walk) => {
    const chosen = value as { readonly case: string | undefined; readonly value?: unknown };
    if (chosen.case !== undefined) cases.get(chosen.case)?.(chosen.value, walk);
    else if (isRequired) walk.report(`needs one of ${oneof.fields.map(({ name }) => name).join(", ")}`);
  };
}

function rulesOf(field: DescField): JsonObject {
  return hasOption(field, rules) ? (toJson(FieldRulesSchema, getOption(field, rules)) as JsonObject) : {};
}

function compileField(field: DescField, inOneof = false): FieldCheck | undefined {
  const fieldRules = rulesOf(field);
  if (member(fieldRules, "message").skip === true) return undefined;
  switch (field.fieldKind) {
    case "scalar":
      return whenSet(named(field.name, valueCheck(fieldRules)));
    case "enum":
      return whenSet(named(field.name, valueCheck(fieldRules, field)));
    case "message":
      return singular(field, fieldRules, inOneof);
    case "list":
      return list(field, member(fieldRules, "repeated"));
    case "map":
      return named(field.name, map(field, member(fieldRules, "map")));
  }
}

function member(json: JsonObject, name: string): JsonObject {
  return (json[name] ?? {}) as JsonObject;
}

function named(step: string, check: FieldCheck | undefined): FieldCheck | undefined {
  if (check === undefined) return undefined;
  return (value, walk) => {
    walk.enter(step);
    check(value, walk);
    walk.leave();
  };
}

function whenSet(check: FieldCheck | undefined): FieldCheck | undefined {
  return check && ((value, walk) => value !== undefined && check(value, walk));
}

function valueCheck(fieldRules: JsonObject, field?: DescField): FieldCheck | undefined {
  const check = compileValueRules(fieldRules, field?.enum);
  return (
    check &&
    ((value, walk) => {
      const fault = check(value);
      if (fault !== undefined) walk.report(fault);
    })
  );
}

function singular(field: DescField, fieldRules: JsonObject, inOneof: boolean): FieldCheck | undefined {
  if (field.message === undefined) return undefined;
  const isRequired = ["message", "duration", "any"].some(
    (kind) => member(fieldRules, kind).required === true,
  );
  const inner = messageValue(field.message, fieldRules, inOneof);
  if (inner === undefined && !isRequired) return undefined;
  const check = named(field.name, inner);
  return (value, walk) => {
    if (value !== undefined) check?.(value, walk);
    else if (isRequired) walk.report("is required", field.name);
  };
}

/** `wrapped`: wrapper messages are still messages here; elsewhere the runtime has replaced them by their value. */
function messageValue(desc: DescMessage, fieldRules: JsonObject, wrapped: boolean): FieldCheck | undefined {
  const own = valueCheck(fieldRules);
  switch (desc.typeName) {
    case DurationSchema.typeName:
      return (value, walk) => {
        const fault = durationFault(value as Duration);
        if (fault !== undefined) walk.report(fault);
        else own?.(value, walk);
      };
    case AnySchema.typeName:
      return checkPacked;
    case "google.protobuf.Struct":
    case "google.protobuf.Value":
    case "google.protobuf.ListValue":
    case "google.protobuf.Empty":
    case "google.protobuf.Timestamp":
      return undefined;
  }
  if (isWrapperDesc(desc)) {
    return own && wrapped ? (value, walk) => own((value as { value: unknown }).value, walk) : own;
  }
  return nested(desc);
}

/**
 * Compiled at first use: message types contain themselves. Parts that stay the same while what is around them changes are not
 * walked again, so that one new virtual host among a thousand costs one virtual host.
 */
function nested(desc: DescMessage): FieldCheck {
  let check: MessageCheck | undefined;
  const walkFields: FieldCheck = (value, walk) => {
    check ??= messageCheck(desc);
    check(value as Message, walk);
  };
  const walkOnce = remembering(walkFields);
  return (value, walk) => (isShared(value as Message) ? walkOnce : walkFields)(value, walk);
}

/** Messages in which nothing was wrong. */
const clean = new WeakSet<Message>();

function remembering(check: FieldCheck): FieldCheck {
  return (value, walk) => {
    const message = value as Message;
    if (clean.has(message)) return;
    const before = walk.violations.length;
    check(message, walk);
    if (walk.violations.length === before) clean.add(message);
  };
}

/**
 * Looks inside packed messages of types that the walk knows; Envoy has the last word on others. What stage 5 has packed
 * itself is not decoded again, which was a third of all checking.
 */
const checkPacked = remembering((value, walk) => {
  const any = value as Any;
  const own = contentsOf(any);
  if (own !== undefined) {
    messageCheck(own.schema)(own.message, walk);
    return;
  }
  const desc = walk.types.getMessage(any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1));
  if (desc === undefined) return;
  let message: Message;
  try {
    message = fromBinary(desc, any.value);
  } catch {
    walk.report(`does not decode as ${desc.typeName}`);
    return;
  }
  messageCheck(desc)(message, walk);
});

function list(field: DescField & { fieldKind: "list" }, listRules: JsonObject): FieldCheck | undefined {
  const { minItems, maxItems, unique, items = {}, ignoreEmpty, ...others } = listRules;
  if (Object.keys(others).length > 0) throw new Error(`no check for ${Object.keys(others)} of a list`);
  const least = Number(minItems ?? 0);
  const most = Number(maxItems ?? Number.POSITIVE_INFINITY);
  const item =
    field.listKind === "message"
      ? messageValue(field.message, items as JsonObject, true)
      : valueCheck(items as JsonObject, field);
  if (item === undefined && least === 0 && maxItems === undefined && unique !== true) return undefined;
  const check: FieldCheck = (value, walk) => {
    const values = value as readonly unknown[];
    if (values.length < least) {
      walk.report(least === 1 ? "must not be empty" : `must have at least ${least} items`);
    }
    if (values.length > most) walk.report(`must have at most ${most} items`);
    if (unique === true && new Set(values).size < values.length) walk.report("must not repeat an item");
    if (item === undefined) return;
    for (let index = 0; index < values.length; index++) {
      walk.enter(index);
      item(values[index], walk);
      walk.leave();
    }
  };
  const whenFilled = named(field.name, check);
  const skipsEmpty = least === 0 || ignoreEmpty === true;
  return (value, walk) => {
    if (!skipsEmpty || (value as readonly unknown[]).length > 0) whenFilled?.(value, walk);
  };
}

function map(field: DescField & { fieldKind: "map" }, mapRules: JsonObject): FieldCheck | undefined {
  const { minPairs, keys = {}, values = {}, ...others } = mapRules;
  if (Object.keys(others).length > 0) throw new Error(`no check for ${Object.keys(others)} of a map`);
  const least = Number(minPairs ?? 0);
  const key = valueCheck(keys as JsonObject);
  const item =
    field.mapKind === "message"
      ? messageValue(field.message, values as JsonObject, true)
      : valueCheck(values as JsonObject, field);
  if (key === undefined && item === undefined && least === 0) return undefined;
  return (value, walk) => {
    const entries = Object.entries(value as Fields);
    if (entries.length < least)
      walk.report(least === 1 ? "must not be empty" : `must have at least ${least} entries`);
    for (const [name, entry] of entries) {
      walk.enter(name);
      key?.(name, walk);
      item?.(entry, walk);
      walk.leave();
    }
  };
}
