// A histogram for what happens many times a second: an observation is two additions and a bucket counted, without the labels'
// validation and keys of the library's own, which it looks like when it is scraped.

import type { Histogram, Registry } from "@prometheus-io/client";

export interface CountedHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, in ascending order. */
  readonly buckets: readonly number[];
  /** The one label, where there is one. */
  readonly label?: string;
}

interface Series {
  /** By bucket, what is above the one before; the last is for what is above all. */
  readonly counts: Float64Array;
  sum: number;
}

export class CountedHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #buckets: readonly number[];
  readonly #label: string | undefined;
  /** By the label's value, in order of the first observation. */
  readonly #series = new Map<string, Series>();

  constructor(registry: Registry, { name, help, buckets, label }: CountedHistogramOptions) {
    this.name = name;
    this.help = help;
    this.#buckets = buckets;
    this.#label = label;
    if (label === undefined) this.#begin("");
    // A registry asks of a metric no more than there is here, whatever its type says.
    registry.registerMetric(this as unknown as Histogram);
  }

  /** `labelled`: the label's value, where there is a label. */
  observe(value: number, labelled = ""): void {
    if (!Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${value}`);
    const series = this.#series.get(labelled) ?? this.#begin(labelled);
    let place = 0;
    while (value > (this.#buckets[place] ?? Number.POSITIVE_INFINITY)) place++;
    series.counts[place] = (series.counts[place] ?? 0) + 1;
    series.sum += value;
  }

  /** As the library's histograms answer a scrape: with the counts of each bucket and all below it. */
  async get() {
    const values = [...this.#series].flatMap(([labelled, series]) => this.#valuesOf(labelled, series));
    return { name: this.name, help: this.help, type: this.type, values, aggregator: this.aggregator };
  }

  /** Forgets everything, the empty series of a histogram without a label as well: so does the library's. */
  reset(): void {
    this.#series.clear();
  }

  #begin(labelled: string): Series {
    const series = { counts: new Float64Array(this.#buckets.length + 1), sum: 0 };
    this.#series.set(labelled, series);
    return series;
  }

  #valuesOf(labelled: string, { counts, sum }: Series) {
    const label = this.#label === undefined ? {} : { [this.#label]: labelled };
    let count = 0;
    const buckets = [...this.#buckets, "+Inf"].map((le, place) => {
      count += counts[place] ?? 0;
      return { value: count, metricName: `${this.name}_bucket`, exemplar: null, labels: { le, ...label } };
    });
    const whole = { exemplar: undefined, labels: label };
    return [
      ...buckets,
      { value: sum, metricName: `${this.name}_sum`, ...whole },
      { value: count, metricName: `${this.name}_count`, ...whole },
    ];
  }
}
