// Samples in, the figures that are quoted of them out.

export interface Distribution {
  readonly samples: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank: with fewer than a hundred samples the 99th percentile is the largest. Throws on no samples. */
export function distributionOf(samples: readonly number[]): Distribution {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [min, p50, p99, max] = [sorted[0], rank(0.5), rank(0.99), sorted.at(-1)];
  if (min === undefined || p50 === undefined || p99 === undefined || max === undefined)
    throw new Error("nothing was measured");
  return { samples: sorted.length, min, p50, p99, max };
}

export function medianOf(samples: readonly number[]): number {
  return distributionOf(samples).p50;
}
