// Where the view appears. On a terminal it is redrawn in place, on a screen of its own, and the user's screen comes back when it
// closes; anywhere else there are plain lines.

import type { Size } from "./render.ts";

/** What a view is written to. */
export interface Output {
  write(text: string): void;
  /** Undefined where there is no terminal to redraw. */
  size(): Size | undefined;
}

const openScreen = "\u001b[?1049h\u001b[?25l";
const closeScreen = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
// Colours end with the line, wherever it was cut.
const clearRestOfLine = "\u001b[0m\u001b[K";
const clearRestOfScreen = "\u001b[J";

export class Screen {
  readonly #output: Output;
  readonly #onExit = () => this.close();
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Redraws everything; opens the screen the first time. */
  draw(lines: readonly string[]): void {
    if (!this.#open) {
      this.#open = true;
      this.#output.write(openScreen);
      process.once("exit", this.#onExit);
    }
    const text = lines.map((line) => line + clearRestOfLine).join("\r\n");
    this.#output.write(home + text + clearRestOfScreen);
  }

  /** Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.off("exit", this.#onExit);
    this.#output.write(closeScreen);
  }
}
