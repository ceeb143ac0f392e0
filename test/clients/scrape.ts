// A page of metrics in Prometheus' text format, as plain data.

export interface Scrape {
  /** Type by name of the metric: `counter`, `gauge`, `histogram`. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function readScrape(text: string): Scrape {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, typed, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    const [, name, labels = "", value] = /^([a-z_][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", each = ""]) => [
      key,
      each,
    ]);
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return { types, samples };
}

/** The value of the one sample with that name and exactly these labels; undefined where there is none. */
export function sampleOf(
  { samples }: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return samples.find(
    (each) => each.name === name && JSON.stringify(Object.entries(each.labels).sort()) === wanted,
  )?.value;
}

/** The upper ends of a histogram's buckets, in seconds or bytes, without the infinite one. */
export function bucketsOf({ samples }: Scrape, name: string): readonly number[] {
  const ends = samples
    .filter((each) => each.name === `${name}_bucket`)
    .map(({ labels }) => Number(labels.le));
  return [...new Set(ends)].filter(Number.isFinite).sort((a, b) => a - b);
}
