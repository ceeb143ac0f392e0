// What a policy kind is to the compiler. One folder implements this once; registry.ts lists them all.

import type { Any } from "@bufbuild/protobuf/wkt";
import type { Path, RawObject } from "../1-parse/raw-object.ts";
import type { EffectivePolicy } from "../4-view/plan/index.ts";
import type { FilterName, NetworkFilterName } from "../5-emit/filter-order.ts";
import type { Code } from "../diagnostics/catalogue.ts";
import type { Fact, FilterPolicyFact } from "../model/fact.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { Origin } from "../model/origin.ts";

/** Reports what is wrong with one object, and remembers where things came from. */
export interface Reader {
  readonly object: RawObject;
  /** Mesh-wide settings that what an object says depends on: domain suffix, root namespace, default exportTo. */
  readonly mesh: MeshConfig;
  /** The origin of the object, or of a part of it. */
  origin(path?: Path): Origin;
  /** Refuses the object (severity `error`) or remarks on it (`warning`), as the catalogue says of the code. */
  report(code: Code, path: Path, message: string, help?: string): void;
}

/**
 * How far a field is supported: `yes`, or but for some values, of which decoding warns; `no`: accepted with a warning; `ignored`: without
 * effect by design, said why.
 */
export type FieldState = "yes" | `yes, but not ${string}` | "no" | { readonly ignored: string };

/**
 * `fields` maps every leaf of the upstream schema (`spec.http[].fault.delay.fixedDelay`, maps as `{}`, as in
 * `spec.selector{}`) to its state; a last step `*` stands for everything below. `docs/support.md` is generated from
 * it; a field in use whose state is `no` or `ignored` is a warning, and one that is not in the table is an error.
 */
export interface Kind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  readonly clusterScoped: boolean;
  readonly fields: Readonly<Record<string, FieldState>>;
  /** Structural check against the upstream schema: every violation with its path. Absent for kinds with none. */
  readonly schema?: (value: unknown) => readonly SchemaViolation[];
  /**
   * Validation is conversion: returns what the object says, in the model's terms, and reports everything wrong with it.
   * When an error was reported the facts are not used.
   */
  decode(object: RawObject, reader: Reader): readonly Fact[];
}

export interface SchemaViolation {
  readonly path: Path;
  readonly code: "invalid-value" | "missing-field";
  readonly message: string;
  /** The schema cannot say what is wrong ("not exactly one of these"): what decoding says of the place counts instead. */
  readonly vague?: true;
}

/** A chain that a policy may add filters to. */
export interface Site {
  readonly direction: "inbound" | "outbound" | "gateway";
  readonly protocol: "http" | "tcp";
}

/** What a policy adds to one chain. Never a mutation: the listener emitter merges these in filter order. */
export interface Contribution {
  readonly httpFilters: readonly {
    readonly filter: FilterName;
    readonly name: string;
    readonly config: Any;
  }[];
  readonly networkFilters: readonly {
    readonly filter: NetworkFilterName;
    readonly name: string;
    readonly config: Any;
  }[];
}

/** For whom a policy is resolved. */
export interface PolicyTarget {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
}

/** A kind whose policies become filters. */
export interface FilterPolicy {
  /** The `policy` of its facts and effective policies. */
  readonly policy: string;
  /** Selects and merges: root namespace, namespace, workload. Undefined: nothing applies. `all` is sorted. */
  resolve(all: readonly FilterPolicyFact[], target: PolicyTarget): EffectivePolicy | undefined;
  contribute(effective: EffectivePolicy, site: Site): Contribution;
}
