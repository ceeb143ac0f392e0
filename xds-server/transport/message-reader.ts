// The bytes of a stream as the messages in them (gRPC over HTTP/2, "Length-Prefixed-Message"). In: pieces as they come. Out: whole
// messages, or why there can be none.

import type { Status } from "./status.ts";

/** A byte that says whether the message is compressed, and its length in four. */
export const prefixBytes = 5;

export interface MessageListener {
  /** It may be a view of what came with it. */
  message(bytes: Buffer): void;
  /** Nothing can be read any more. */
  malformed(status: Status): void;
}

export class MessageReader {
  readonly #listener: MessageListener;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;
  /** So much has to have come: a prefix, or a prefix and its message. */
  #wanted = prefixBytes;
  #isOver = false;

  /** `maxBytes`: of one message. */
  constructor(listener: MessageListener, maxBytes: number) {
    this.#listener = listener;
    this.#maxBytes = maxBytes;
  }

  read(piece: Buffer): void {
    if (this.#isOver) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
    while (this.#length >= this.#wanted) {
      const [first = piece] = this.#pieces;
      const all = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#length);
      if (this.#wanted === prefixBytes) {
        const problem = this.#problemOf(all);
        if (problem) {
          this.#isOver = true;
          this.#pieces = [];
          this.#listener.malformed(problem);
          return;
        }
        this.#wanted += all.readUInt32BE(1);
        if (this.#length < this.#wanted) {
          this.#pieces = [all];
          return;
        }
      }
      const message = all.subarray(prefixBytes, this.#wanted);
      const rest = all.subarray(this.#wanted);
      this.#pieces = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
      this.#wanted = prefixBytes;
      this.#listener.message(message);
    }
  }

  /** The stream has ended in the middle of a message. */
  get isCut(): boolean {
    return this.#length > 0;
  }

  #problemOf(prefix: Buffer): Status | undefined {
    if (prefix[0] !== 0) return { code: "UNIMPLEMENTED", details: "compressed messages are not understood" };
    const bytes = prefix.readUInt32BE(1);
    if (bytes <= this.#maxBytes) return undefined;
    return {
      code: "RESOURCE_EXHAUSTED",
      details: `a message of ${bytes} bytes: more than the ${this.#maxBytes} that are accepted`,
    };
  }
}
