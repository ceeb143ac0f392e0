// A value that refuses to be printed. In: a secret. Out: the secret, to whoever asks for it by name; a placeholder to
// loggers, JSON and template strings.

const placeholder = "[redacted]";

/** Wraps a secret so that no log line, golden or debug page shows it by accident. */
export class Redacted<T> {
  readonly #secret: T;

  constructor(secret: T) {
    this.#secret = secret;
  }

  /** The secret itself: call this only where it is written to its destination. */
  reveal(): T {
    return this.#secret;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  /** What `util.inspect` and `console.log` print; named by a registered symbol, so no Node import is needed. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return placeholder;
  }
}
