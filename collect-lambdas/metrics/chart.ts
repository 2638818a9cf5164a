/** A country's national figures over time, drawn as SVG. Pure: the same figures give the same text. */
import { scaleLinear, scaleUtc, type ScaleLinear, type ScaleTime } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Indicator } from '../../db-proxy-lambda/contract.ts';
import { pixels } from '../shared/svg.ts';
import type { NationalFigures } from './figures.ts';
import type { MetricsQuery } from './query.ts';

export interface ChartContent extends Pick<MetricsQuery, 'indicator' | 'from' | 'to'> {
  country: string;
  /** Whether the figures are generated; the chart then has a warning. */
  sample: boolean;
  /** Figures by day, in order. Days may be missing: the line and the band have a gap there. */
  days: readonly (readonly [day: string, figures: NationalFigures])[];
}

const WIDTH = 960;
const HEIGHT = 500;
const LEFT = 64;
const RIGHT = WIDTH - 116;
const TOP = 132;
const BOTTOM = HEIGHT - 64;
const DAY_MS = 86_400_000;

/** The people whose share each indicator measures (https://hungermap.wfp.org, "Methodology"). */
const MEASURED: Record<Indicator, string> = {
  fcs: 'People with insufficient food consumption',
  rcsi: 'People using crisis or above crisis food-based coping',
  healthAccess: 'People with challenges accessing health care',
  marketAccess: 'People with challenges accessing markets',
  livelihoodCoping: 'People using crisis or above crisis livelihood coping',
};

const STYLE = `
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #4a5560; }
  .title { font-size: 21px; font-weight: 600; fill: #16202a; }
  .measured { font-size: 15px; }
  .grid { stroke: #e3e7eb; } .axis { stroke: #8b96a1; }
  .line { fill: none; stroke: #0b5c8a; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
  .band { fill: #2a8cc4; fill-opacity: 0.2; stroke: #2a8cc4; stroke-opacity: 0.35; }
  .last { fill: #0b5c8a; font-weight: 600; } .last-point { fill: #0b5c8a; }
  .warning { fill: #b3261e; font-weight: 600; }`;

interface Point {
  at: Date;
  /** Undefined on a day without a figure. */
  share: number | undefined;
  low: number;
  high: number;
  people: number;
}

/**
 * Draws metric_b: the national prevalence as a line, and around it a band of one standard deviation of the areas'
 * prevalences (the root of `variance`), cut at 0 and 100 %.
 *
 * @returns an SVG document of 960 x 500, with a title and a description for screen readers
 */
export function drawChart(content: ChartContent): string {
  const { country, indicator, sample } = content;
  const points = toPoints(content.days);
  const measured = MEASURED[indicator];
  const title = `${country}: ${measured.charAt(0).toLowerCase()}${measured.slice(1)}`;
  const parts = [
    `<title>${escape(title)}</title>`,
    `<desc>${escape(describe(content, points))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text class="title" x="24" y="38">${escape(country)}</text>`,
    `<text class="measured" x="24" y="62">${escape(measured)}</text>`,
    ...(sample
      ? [`<text class="warning" x="${WIDTH - 24}" y="38" text-anchor="end">SAMPLE, not real data</text>`]
      : []),
    ...(points.length === 0 ? [drawNothing(content)] : [drawLegend(), drawPlot(points)]),
  ];
  const frame = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame} role="img">\n${parts.join('\n')}\n</svg>\n`;
}

function drawNothing({ from, to }: ChartContent): string {
  const text = `No figures from ${longDate(new Date(from))} to ${longDate(new Date(to))}.`;
  return `<text x="${WIDTH / 2}" y="${HEIGHT / 2}" text-anchor="middle">${escape(text)}</text>`;
}

function drawLegend(): string {
  return [
    '<line class="line" x1="24" x2="48" y1="92" y2="92"/>',
    '<text x="56" y="96">National share of the population</text>',
    '<rect class="band" x="284" y="84" width="24" height="16"/>',
    '<text x="316" y="96">± one standard deviation of the areas, weighted by population</text>',
  ].join('\n');
}

function drawPlot(points: readonly Point[]): string {
  const [first, last] = [points[0]?.at ?? new Date(0), points.at(-1)?.at ?? new Date(0)];
  const margin = first.getTime() === last.getTime() ? DAY_MS : 0;
  const domain = [new Date(first.getTime() - margin), new Date(last.getTime() + margin)];
  const x = scaleUtc().domain(domain).range([LEFT, RIGHT]);
  const y = scaleLinear()
    .domain([0, Math.max(0.01, ...points.map((point) => point.high))])
    .nice(6)
    .range([BOTTOM, TOP]);
  const band = area<Point>()
    .digits(1)
    .defined((point) => point.share !== undefined)
    .x((point) => x(point.at))
    .y0((point) => y(point.low))
    .y1((point) => y(point.high));
  const share = line<Point>()
    .digits(1)
    .defined((point) => point.share !== undefined)
    .x((point) => x(point.at))
    .y((point) => y(point.share ?? 0));
  return [
    drawShareAxis(y),
    `<path class="band" d="${band(points) ?? ''}"/>`,
    drawTimeAxis(x),
    `<path class="line" d="${share(points) ?? ''}"/>`,
    drawLast(points, x, y),
  ].join('\n');
}

function drawShareAxis(y: ScaleLinear<number, number>): string {
  const percent = y.tickFormat(6, '%');
  return y
    .ticks(6)
    .map((tick) => {
      const at = pixels(y(tick));
      const label = `<text x="${LEFT - 10}" y="${at + 4.5}" text-anchor="end">${percent(tick).replace('%', ' %')}</text>`;
      return `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/>${label}`;
    })
    .join('\n');
}

/**
 * Labels days or months, depending on the period. The year is below the first label and below the first of each year.
 */
function drawTimeAxis(x: ScaleTime<number, number>): string {
  const ticks = x.ticks(12).filter((tick) => tick.getTime() % DAY_MS === 0);
  const isMonthly = ticks.every((tick) => tick.getUTCDate() === 1);
  const labels = ticks.map((tick, index) => {
    const at = pixels(x(tick));
    const isNewYear = tick.getUTCFullYear() !== ticks[index - 1]?.getUTCFullYear();
    const year = isNewYear ? `<tspan x="${at}" dy="17">${tick.getUTCFullYear()}</tspan>` : '';
    const mark = `<line class="axis" x1="${at}" x2="${at}" y1="${BOTTOM}" y2="${BOTTOM + 6}"/>`;
    return `${mark}<text x="${at}" y="${BOTTOM + 22}" text-anchor="middle">${tickLabel(tick, isMonthly)}${year}</text>`;
  });
  return [`<line class="axis" x1="${LEFT}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}"/>`, ...labels].join('\n');
}

function tickLabel(tick: Date, isMonthly: boolean): string {
  const month = tick.toLocaleDateString('en', { month: 'short', timeZone: 'UTC' });
  return isMonthly ? month : `${tick.getUTCDate()} ${month}`;
}

function drawLast(points: readonly Point[], x: (at: Date) => number, y: (share: number) => number): string {
  const last = points.findLast((point) => point.share !== undefined);
  if (last?.share === undefined) return '';
  const [left, top] = [pixels(x(last.at)), pixels(y(last.share))];
  return [
    `<circle class="last-point" cx="${left}" cy="${top}" r="4"/>`,
    `<text class="last" x="${left + 12}" y="${top}">${percentText(last.share)}</text>`,
    `<text x="${left + 12}" y="${top + 17}">${peopleText(last.people)}</text>`,
  ].join('\n');
}

/** One point for every day from the first to the last, so that a day without a figure interrupts the line. */
function toPoints(days: ChartContent['days']): Point[] {
  const byDay = new Map(days.filter(([, figures]) => figures.prevalence !== null));
  const known = [...byDay.keys()];
  const [first, last] = [Date.parse(known[0] ?? ''), Date.parse(known.at(-1) ?? '')];
  const points: Point[] = [];
  for (let time = first; time <= last; time += DAY_MS) {
    const at = new Date(time);
    const figures = byDay.get(at.toISOString().slice(0, 10));
    const share = figures?.prevalence ?? undefined;
    const deviation = Math.sqrt(figures?.variance ?? 0);
    const low = Math.max(0, (share ?? 0) - deviation);
    const high = Math.min(1, (share ?? 0) + deviation);
    points.push({ at, share, low, high, people: figures?.people ?? 0 });
  }
  return points;
}

function describe({ country, sample, from, to }: ChartContent, points: readonly Point[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first?.share === undefined || last?.share === undefined) return `No figures from ${from} to ${to}.`;
  const shares = points.flatMap((point) => point.share ?? []);
  const range = `between ${percentText(Math.min(...shares))} and ${percentText(Math.max(...shares))}`;
  return [
    `${country}, from ${longDate(first.at)} (${percentText(first.share)} of the population)`,
    `to ${longDate(last.at)} (${percentText(last.share)}, ${peopleText(last.people)}), ${range}.`,
    'The band is one standard deviation of the areas around the national share, weighted by population.',
    ...(sample ? ['These are generated sample figures.'] : []),
  ].join(' ');
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function peopleText(people: number): string {
  if (people >= 1_000_000) return `${(people / 1_000_000).toFixed(1)} m people`;
  return `${Math.round(people).toLocaleString('en')} people`;
}

function longDate(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
