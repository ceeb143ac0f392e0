// What is wrong with what a user wrote, as values: made anywhere in the compiler, sorted and rendered here.

export { type CatalogueEntry, type Code, catalogue, type Severity } from "./catalogue.ts";
export { type Diagnostic, type DiagnosticDetails, diagnostic, hasErrors, type Note } from "./diagnostic.ts";
export { compareDiagnostics, comparePositions, sortDiagnostics } from "./order.ts";
export { type RenderOptions, type Role, renderDiagnostic, renderDiagnostics } from "./render.ts";
