// Remembers what a pure function made of an object, for as long as somebody holds that object.

/** `make`, called once per input object: plans are frozen and shared, so the same plan gives the same result object. */
export function memoizeByIdentity<Input extends object, Output extends object>(
  make: (input: Input) => Output,
): (input: Input) => Output {
  const made = new WeakMap<Input, Output>();
  return (input) => {
    const known = made.get(input);
    if (known !== undefined) return known;
    const output = make(input);
    made.set(input, output);
    return output;
  };
}
