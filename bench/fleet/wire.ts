// Protobuf's wire format by hand, as far as a client of a benchmark needs it: a hundred clients in one process must cost
// little more than reading their sockets. Knows field numbers, no message.

/** Calls back with each length-delimited field of a message and where its content lies; skips fields of other kinds. */
export function eachField(
  bytes: Buffer,
  start: number,
  end: number,
  take: (field: number, from: number, to: number) => void,
): void {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < end) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === 2) {
      const length = varint();
      take(Math.floor(tag / 8), at, at + length);
      at += length;
    } else if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else throw new Error(`wire type ${kind} at byte ${at}`);
  }
}

/** What a message has at the end of a path of field numbers; repeated fields on the way are all followed. */
export function contentsAt(bytes: Buffer, path: readonly number[]): readonly Buffer[] {
  const [first, ...rest] = path;
  if (first === undefined) return [bytes];
  const found: Buffer[] = [];
  eachField(bytes, 0, bytes.length, (field, from, to) => {
    if (field === first) found.push(...contentsAt(bytes.subarray(from, to), rest));
  });
  return found;
}

/** One length-delimited field, tag included. Field numbers up to 15. */
export function writeField(field: number, content: string | Buffer): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const head = [field * 8 + 2];
  let rest = bytes.length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) head.push((rest % 128) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}
