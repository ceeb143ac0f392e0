// The "what" half of an RBAC policy. In: tests on what a request asks for. Out: an Envoy Permission that holds when all of
// them do. Who asks is not known here.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Permission,
  PermissionSchema,
  SourcedMetadataSchema,
} from "@envoyproxy/protos-ts/envoy/config/rbac/v3/rbac";
import { UriTemplateMatchConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/path/match/uri_template/v3/uri_template_match";
import { PathMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/path";
import { packAny } from "../../../5-emit/envoy-any.ts";
import { isPathTemplate, toUriTemplate } from "../path-template.ts";
import type { OperationAttribute, Test } from "../spec.ts";
import { cidrRange, headerMatcher, textMatcher } from "./matchers.ts";
import { anyOf, listWith, metadataMatcher, stringValue } from "./metadata.ts";

/** Holds when all the tests do; without tests, always. */
export function allOperations(tests: readonly Test<OperationAttribute>[]): Permission {
  const rules = tests.flatMap(operationTest);
  return and(rules.length === 0 ? [permission({ case: "any", value: true })] : rules);
}

function operationTest(test: Test<OperationAttribute>): Permission[] {
  const wanted = alternatives(test.attribute, test.values);
  const refused = alternatives(test.attribute, test.notValues);
  return [...(wanted ? [wanted] : []), ...(refused ? [permission({ case: "notRule", value: refused })] : [])];
}

/** Undefined without values. */
function alternatives(attribute: OperationAttribute, values: readonly string[]): Permission | undefined {
  if (values.length === 0) return undefined;
  switch (attribute.type) {
    case "host":
      return or(values.map((value) => header(":authority", value, true)));
    case "method":
      return or(values.map((value) => header(":method", value, false)));
    case "path":
      return or(values.map(path));
    case "destination-ip":
      return or(values.map((value) => permission({ case: "destinationIp", value: cidrRange(value) })));
    case "destination-port":
      return or(values.map((value) => permission({ case: "destinationPort", value: Number(value) })));
    case "sni":
      return or(
        values.map((value) => permission({ case: "requestedServerName", value: textMatcher(value) })),
      );
    case "metadata":
      return metadata(attribute.filter, attribute.key, values);
  }
}

function header(name: string, value: string, ignoreCase: boolean): Permission {
  return permission({ case: "header", value: headerMatcher(name, value, ignoreCase) });
}

/** The path without query and fragment. */
function path(value: string): Permission {
  if (!isPathTemplate(value)) {
    return permission({
      case: "urlPath",
      value: create(PathMatcherSchema, { rule: { case: "path", value: textMatcher(value) } }),
    });
  }
  const template = create(UriTemplateMatchConfigSchema, { pathTemplate: toUriTemplate(value) });
  return permission({
    case: "uriTemplate",
    value: { name: "uri-template", typedConfig: packAny(UriTemplateMatchConfigSchema, template) },
  });
}

/** `[value]` asks for a list with the value, `value` for the value itself. */
function metadata(filter: string, key: string, values: readonly string[]): Permission {
  const matchers = values.map((value) =>
    value.startsWith("[") && value.endsWith("]")
      ? listWith(stringValue(textMatcher(value.slice(1, -1))))
      : stringValue(textMatcher(value)),
  );
  return permission({
    case: "sourcedMetadata",
    value: create(SourcedMetadataSchema, {
      metadataMatcher: metadataMatcher(filter, [key], anyOf(matchers)),
    }),
  });
}

function and(rules: Permission[]): Permission {
  return permission({ case: "andRules", value: { rules } });
}

function or(rules: Permission[]): Permission {
  return permission({ case: "orRules", value: { rules } });
}

function permission(rule: NonNullable<MessageInitShape<typeof PermissionSchema>["rule"]>): Permission {
  return create(PermissionSchema, { rule });
}
