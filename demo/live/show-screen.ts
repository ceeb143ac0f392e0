// The demo on a terminal: redrawn several times a second, and at once when a change lands.

import { type Colors, type Output, renderView, Screen } from "../view/index.ts";
import type { LiveDemo } from "./live-demo.ts";

const everyMs = 250;
const smallest = { columns: 80, rows: 24 };

/** Returns how to close it. */
export function showScreen(demo: LiveDemo, output: Output, colors: Colors): () => void {
  const screen = new Screen(output);
  const draw = () => screen.draw(renderView(demo.state(), output.size() ?? smallest, colors));
  draw();
  const timer = setInterval(draw, everyMs);
  demo.onLanding(draw);
  demo.onTrouble(draw);
  return () => {
    clearInterval(timer);
    screen.close();
  };
}
