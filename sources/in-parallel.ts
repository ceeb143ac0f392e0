// Runs one asynchronous function over many items, a bounded number at a time: 10,000 open files at once would exceed the usual limit.

const width = 32;

/** The results in the order of `items`. The first rejection rejects the whole. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
