// Ingress listeners of scopes that lead nowhere, or that nobody listens for.

import type { Diagnostic } from "../../diagnostics/index.ts";
import type { ScopeIngress } from "../../model/scope.ts";
import type { Mesh } from "../mesh.ts";
import { at } from "./report.ts";

export function checkIngress({ config, scopes }: Pick<Mesh, "config" | "scopes">): readonly Diagnostic[] {
  const captured = config.proxy.interceptionMode !== "NONE";
  return scopes.flatMap(({ ingress }) => ingress.flatMap((each) => checkListener(each, captured)));
}

function checkListener(
  { port, captureMode, defaultEndpoint, origin }: ScopeIngress,
  captured: boolean,
): readonly Diagnostic[] {
  if (captureMode === "iptables" && !captured) {
    const message = `the mesh redirects nothing (interceptionMode NONE), so that nobody listens on port ${port.number}`;
    return [at("ineffective-field", origin, message, { help: "leave out captureMode: IPTABLES" })];
  }
  const binds = captureMode === "none" || !captured;
  if (!binds || defaultEndpoint !== undefined) return [];
  const message = `port ${port.number} has no "defaultEndpoint" and nothing is redirected to it, so that what comes there leads nowhere (503)`;
  const help = "name the application's own port, such as defaultEndpoint: 127.0.0.1:8080";
  return [at("missing-field", origin, message, { severity: "warning", help })];
}
