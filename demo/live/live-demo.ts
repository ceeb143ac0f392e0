// What the demo and its displays agree on.

import type { Landing } from "../changes/index.ts";
import type { ViewState } from "../view/index.ts";

/** What a display may ask, and what it is told of. */
export interface LiveDemo {
  state(): ViewState;
  onLanding(listener: (landing: Landing) => void): void;
  onTrouble(listener: (line: string) => void): void;
}
