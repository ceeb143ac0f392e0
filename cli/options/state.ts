// Where Fairlead keeps its keys unless told otherwise.

/** Relative to the current directory; a checkout's .gitignore should have it. */
export const defaultStateDir = ".fairlead";
