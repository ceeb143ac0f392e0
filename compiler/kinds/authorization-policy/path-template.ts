// Istio's path templates: `{*}` is one segment, `{**}` any number of them. In: a path of a policy. Out: whether it is a
// template, what is wrong with it, and what Envoy calls it.

import { findTemplateFlaw } from "../../5-emit/uri-template.ts";

/** Whether the path is meant as a template rather than as an exact, prefix or suffix match. */
export function isPathTemplate(path: string): boolean {
  return path.includes("{*}") || path.includes("{**}");
}

/** Envoy's spelling of it: `/a/{*}/{**}` becomes `/a/*&#47;**`. */
export function toUriTemplate(path: string): string {
  return path.replaceAll("{**}", "**").replaceAll("{*}", "*");
}

/**
 * Why the path cannot be used, or undefined. Istio takes the two operators only as whole segments and no braces
 * elsewhere; Envoy has rules of its own, such as a leading slash, which Istio does not check.
 */
export function findPathFlaw(path: string): string | undefined {
  for (const segment of path.split("/")) {
    if (segment !== "{*}" && segment !== "{**}" && /[{}]/.test(segment)) {
      return `the segment \`${segment}\` has a brace, but only \`{*}\` and \`{**}\` may, and only as whole segments`;
    }
    if (isPathTemplate(path) && segment.includes("*") && !segment.includes("{")) {
      return `the segment \`${segment}\` has a plain \`*\`, which a template cannot have`;
    }
  }
  return isPathTemplate(path) ? findTemplateFlaw(toUriTemplate(path)) : undefined;
}
