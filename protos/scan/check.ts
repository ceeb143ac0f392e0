// In: a descriptor set and what the release should hold. Out: the list of what is wrong with it, empty when it is whole.
// A scan that lost something must fail here and not as a missing type in somebody's editor.

import type { DescriptorProto, FileDescriptorSet } from "@bufbuild/protobuf/wkt";

/** What an image is held against. `exact` compares the counts, otherwise they are a lower bound (another Envoy release). */
export interface ImageExpectation {
  readonly files: number;
  readonly envoyFiles: number;
  readonly exact: boolean;
}

/** A sentence about one defect. */
export type ImageProblem = string;

/** Measured on the release build of Envoy 1.40.0: all its own files and those of the libraries it links. */
const RELEASE_1_40: ImageExpectation = { files: 559, envoyFiles: 471, exact: true };

/** Another release has more or fewer; far fewer than this means that the scan lost some. */
const ANOTHER_RELEASE: ImageExpectation = { files: 400, envoyFiles: 350, exact: false };

/** What to expect of the Envoy release `version`, such as `1.40.0`; `undefined` is a release nobody knows. */
export function expectationFor(version: string | undefined): ImageExpectation {
  return version === "1.40.0" ? RELEASE_1_40 : ANOTHER_RELEASE;
}

/** Messages without which nothing here works, with a field of each that must have been read. */
const KNOWN_FIELDS: readonly (readonly [message: string, field: string])[] = [
  ["envoy.config.listener.v3.Listener", "filter_chains"],
  ["envoy.config.cluster.v3.Cluster", "load_assignment"],
  ["envoy.config.endpoint.v3.ClusterLoadAssignment", "endpoints"],
  ["envoy.config.route.v3.RouteConfiguration", "virtual_hosts"],
  ["envoy.extensions.transport_sockets.tls.v3.Secret", "tls_certificate"],
  ["envoy.service.discovery.v3.DeltaDiscoveryRequest", "resource_names_subscribe"],
  ["validate.FieldRules", "string"],
];

/** `(validate.rules)`, the extension of FieldOptions that carries Envoy's field constraints. */
const VALIDATE_RULES_FIELD = 1071;

/** Holds `set` against `expected`. */
export function checkImage(set: FileDescriptorSet, expected: ImageExpectation): readonly ImageProblem[] {
  const names = set.file.map((file) => file.name);
  return [
    ...checkCount("files", names.length, expected.files, expected.exact),
    ...checkCount(
      "files of Envoy's own",
      names.filter((name) => name.startsWith("envoy/")).length,
      expected.envoyFiles,
      expected.exact,
    ),
    ...checkImports(set),
    ...checkKnownFields(set),
    ...checkConstraints(set),
  ];
}

function checkCount(what: string, actual: number, expected: number, exact: boolean): readonly ImageProblem[] {
  if (exact ? actual === expected : actual >= expected) return [];
  return [`${actual} ${what} were found, ${exact ? "" : "at least "}${expected} were expected`];
}

function checkImports(set: FileDescriptorSet): readonly ImageProblem[] {
  const seen = new Set<string>();
  const problems: ImageProblem[] = [];
  for (const file of set.file) {
    for (const name of file.dependency) {
      if (!seen.has(name)) problems.push(`${file.name} imports ${name}, which does not come before it`);
    }
    seen.add(file.name);
  }
  return problems;
}

function checkKnownFields(set: FileDescriptorSet): readonly ImageProblem[] {
  const messages = new Map<string, DescriptorProto>();
  for (const file of set.file) {
    for (const message of file.messageType) messages.set(`${file.package}.${message.name}`, message);
  }
  return KNOWN_FIELDS.filter(
    ([message, field]) => !messages.get(message)?.field.some((candidate) => candidate.name === field),
  ).map(([message, field]) => `${message} has no field ${field}`);
}

/** Options are unknown fields to a parser without the extension, which is how their presence shows. */
function checkConstraints(set: FileDescriptorSet): readonly ImageProblem[] {
  const constrained = set.file
    .filter((file) => file.name.startsWith("envoy/"))
    .flatMap((file) => file.messageType.flatMap((message) => message.field))
    .some((field) => field.options?.$unknown?.some((unknown) => unknown.no === VALIDATE_RULES_FIELD));
  return constrained ? [] : ["no field of Envoy's carries validate.rules"];
}
