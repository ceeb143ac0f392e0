// The demo where nothing can be redrawn (a file, a pipe, a CI log): what happens as it happens, and the traffic now and then.

import {
  type Colors,
  type Output,
  renderLanding,
  renderProblem,
  summarizeRoute,
  timeOfDay,
} from "../view/index.ts";
import type { LiveDemo } from "./live-demo.ts";

const everyMs = 5000;

/** Returns how to close it. */
export function showLines(demo: LiveDemo, output: Output, colors: Colors): () => void {
  const print = (line: string) => output.write(`${line}\n`);
  let known = new Set<string>();
  const printProblems = () => {
    const lines = demo.state().problems.map((problem) => renderProblem(problem, colors));
    for (const line of lines) if (!known.has(line)) print(line);
    known = new Set(lines);
  };
  const { pageUrl, statusUrl, files } = demo.state();
  print(`page ${pageUrl}, control plane ${statusUrl}`);
  for (const { path, about } of files) print(`edit ${path}: ${about}`);
  printProblems();
  const timer = setInterval(() => {
    print(`${timeOfDay(Date.now())}  ${demo.state().routes.map(summarizeRoute).join("; ")}`);
    printProblems();
  }, everyMs);
  demo.onLanding((landing) => {
    for (const line of renderLanding(landing, colors)) print(line);
    printProblems();
  });
  demo.onTrouble(printProblems);
  return () => clearInterval(timer);
}
