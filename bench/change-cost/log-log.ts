// A picture of a few lines over two logarithmic scales, as SVG. In: panels of points. Out: text, the same for the same
// points. Knows nothing of what they mean.

export interface Point {
  /** Greater than zero, as is `y`; what is not is drawn at the least that is. */
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  /** Index into a few colours that can be told apart by everybody. */
  readonly colour: number;
  readonly dashed: boolean;
  readonly points: readonly Point[];
}

export interface Panel {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The same ones in every panel, which share one legend. */
  readonly series: readonly Series[];
}

const colours = ["#1b6fb3", "#c8500a", "#2f7d32", "#7a3fa0"];
const ink = "#1f2328";
const faint = "#57606a";
const grid = "#d8dee4";

// Pixels.
const plot = { width: 360, height: 270 };
const margin = { left: 68, right: 20, top: 84, bottom: 58 };
const panelWidth = margin.left + plot.width + margin.right;
const height = margin.top + plot.height + margin.bottom;
const least = 0.01;

/** Panels beside each other, on the same scales, so that they can be compared. */
export function drawLogLog(panels: readonly Panel[]): string {
  const points = panels.flatMap(({ series }) => series.flatMap((each) => each.points));
  const xRange = rangeOf(points.map((point) => point.x));
  const x = scaleOver(xRange, plot.width);
  const y = scaleOver(widened(rangeOf(points.map((point) => point.y)), xRange.to / xRange.from), plot.height);
  const xTicks = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const width = panels.length * panelWidth;
  const title = panels.map((panel) => panel.title).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, 'DejaVu Sans', Arial, sans-serif" font-size="13">
<title>${escapeText(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${drawLegend(panels[0]?.series ?? [], width)}
${panels.map((panel, index) => drawPanel(panel, index * panelWidth, { x, y, xTicks })).join("\n")}
</svg>
`;
}

interface Scale {
  readonly from: number;
  readonly to: number;
  place(value: number): number;
}

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly number[];
}

type Range = Pick<Scale, "from" | "to">;

/** With a little room at both ends. */
function rangeOf(values: readonly number[]): Range {
  const positive = values.map((value) => Math.max(least, value));
  return { from: Math.min(...positive) / 1.25, to: Math.max(...positive) * 1.25 };
}

/** At least that many times from end to end: else noise would fill the picture where a line is flat. */
function widened({ from, to }: Range, ratio: number): Range {
  const missing = Math.sqrt(Math.max(1, ratio / (to / from)));
  return { from: from / missing, to: to * missing };
}

function scaleOver({ from, to }: Range, pixels: number): Scale {
  const span = Math.log(to) - Math.log(from);
  const place = (value: number) => ((Math.log(Math.max(least, value)) - Math.log(from)) / span) * pixels;
  return { from, to, place };
}

function drawPanel(panel: Panel, left: number, { x, y, xTicks }: Scales): string {
  const xOf = (value: number) => px(x.place(value));
  const yOf = (value: number) => px(plot.height - y.place(value));
  const lines = [
    ...xTicks.map(
      (tick) =>
        `<line x1="${xOf(tick)}" x2="${xOf(tick)}" y1="0" y2="${plot.height}" stroke="${grid}"/><text x="${xOf(tick)}" y="${plot.height + 19}" text-anchor="middle" fill="${faint}">${label(tick)}</text>`,
    ),
    ...ticksWithin(y).map(
      (tick) =>
        `<line x1="0" x2="${plot.width}" y1="${yOf(tick)}" y2="${yOf(tick)}" stroke="${grid}"/><text x="-8" y="${px(Number(yOf(tick)) + 4.5)}" text-anchor="end" fill="${faint}">${label(tick)}</text>`,
    ),
    `<rect width="${plot.width}" height="${plot.height}" fill="none" stroke="${faint}"/>`,
    drawProportion(x, y),
    ...panel.series.map((series) => drawSeries(series, xOf, yOf)),
    `<text x="0" y="-14" font-size="15" font-weight="600" fill="${ink}">${escapeText(panel.title)}</text>`,
    `<text x="${plot.width / 2}" y="${plot.height + 43}" text-anchor="middle" fill="${ink}">${escapeText(panel.xLabel)}</text>`,
    `<text transform="translate(-50 ${plot.height / 2}) rotate(-90)" text-anchor="middle" fill="${ink}">${escapeText(panel.yLabel)}</text>`,
  ];
  return `<g transform="translate(${left + margin.left} ${margin.top})">\n${lines.join("\n")}\n</g>`;
}

function drawSeries({ points, ...style }: Series, xOf: (value: number) => string, yOf: typeof xOf): string {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const path = sorted.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join(" ");
  const dots = sorted.map(({ x, y }) => drawDot(xOf(x), yOf(y), style)).join("");
  return `<polyline points="${path}" fill="none" ${strokeOf(style)}/>${dots}`;
}

/** What doubles as `x` doubles, through the lower left corner, for the eye to compare with. */
function drawProportion(x: Scale, y: Scale): string {
  const growth = Math.min(x.to / x.from, y.to / y.from);
  const [right, top] = [x.place(x.from * growth), plot.height - y.place(y.from * growth)];
  const tilt = (Math.atan2(top - plot.height, right) * 180) / Math.PI;
  const name = `<text transform="translate(${px(right * 0.72)} ${px(plot.height + (top - plot.height) * 0.72 - 5)}) rotate(${px(tilt)})" text-anchor="middle" font-size="11" fill="${faint}">grows in proportion</text>`;
  return `<line x1="0" y1="${plot.height}" x2="${px(right)}" y2="${px(top)}" stroke="${faint}" stroke-dasharray="1.5 4"/>${name}`;
}

type Style = Pick<Series, "colour" | "dashed">;

function strokeOf({ colour, dashed }: Style): string {
  return `stroke="${colours[colour % colours.length]}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ""}`;
}

/** Filled for a solid line, hollow for a dashed one. */
function drawDot(x: string, y: string, { colour, dashed }: Style): string {
  const paint = colours[colour % colours.length];
  return `<circle cx="${x}" cy="${y}" r="3.5" fill="${dashed ? "#ffffff" : paint}" stroke="${paint}" stroke-width="2"/>`;
}

function drawLegend(series: readonly Series[], width: number): string {
  const entryWidth = (width - margin.left - margin.right) / Math.max(1, series.length);
  const entries = series.map((each, index) => {
    const at = `translate(${px(margin.left + index * entryWidth)} 26)`;
    return `<g transform="${at}"><line x1="0" x2="34" y1="0" y2="0" ${strokeOf(each)}/>${drawDot("17", "0", each)}<text x="42" y="4.5" fill="${ink}">${escapeText(each.name)}</text></g>`;
  });
  return entries.join("\n");
}

/** 1, 2 and 5 of each power of ten; powers of ten alone where that would be too many to read. */
function ticksWithin({ from, to }: Scale): readonly number[] {
  const firstPower = Math.floor(Math.log10(from));
  const powers = Array.from(
    { length: Math.ceil(Math.log10(to)) - firstPower + 1 },
    (_, step) => firstPower + step,
  );
  const steps = powers.length > 5 ? [1] : [1, 2, 5];
  return powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(1))))
    .filter((tick) => tick >= from && tick <= to);
}

function label(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

function px(value: number): string {
  return value.toFixed(1);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
