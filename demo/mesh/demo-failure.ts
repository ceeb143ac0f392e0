// What keeps a demo from starting, for the user to solve.

/** The message says what is in the way and what to do about it. */
export class DemoFailed extends Error {}
