/** Draws a trajectory as an SVG: Z over X in the large panel, the other two projections beside it. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { pixels } from '../shared/svg.ts';
import { createAxis, type Axis } from './axis.ts';
import { writeDecimal, type Decimal } from './decimal.ts';
import type { Calculation } from './query.ts';
import type { State, SystemName } from './systems.ts';

type Point = [number, number];

const WIDTH = 960;
const HEIGHT = 600;
const PANELS = [
  { across: 'x', up: 'z', left: 84, top: 104, width: 484, height: 430 },
  { across: 'x', up: 'y', left: 672, top: 104, width: 256, height: 176 },
  { across: 'y', up: 'z', left: 672, top: 358, width: 256, height: 176 },
] as const;
const PIXELS_PER_TICK = { across: 76, up: 48 };

/** The path is split into at most this many pieces, which darken with time. */
const COLOUR_STEPS = 48;
/** Steps are marked only if there are at most this many. */
const MAX_MARKED_STEPS = 40;

/** The colours from the first to the last state; all contrast with white. */
const colourAt = scaleLinear<string>([0, 0.5, 1], ['#8fb8de', '#3b6fb5', '#1d2a63']).clamp(true);

const SYSTEM_TITLES: Record<SystemName, string> = {
  plain: 'plain system',
  coupled: 'coupled system',
  lorenz: 'Lorenz system',
};

const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #4a5160; }
.title { font-size: 20px; font-weight: 600; fill: #1a1f2b; }
.name { font-size: 13px; font-weight: 600; fill: #1a1f2b; }
.grid { stroke: #e4e7ed; }
.frame { fill: none; stroke: #b6bcc8; }
.path { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
.first { fill: #fff; stroke: #2b7a3d; stroke-width: 2.5; }
.last { fill: #d1491b; stroke: #fff; stroke-width: 1.5; }`;

/**
 * Draws the states of a calculation.
 *
 * The same states always result in the same text. All states are inside the picture, however large (see axis.ts).
 *
 * @param states the initial state first
 */
export function drawTrajectory(calculation: Calculation, states: readonly State[]): string {
  const title = `Trajectory of the ${SYSTEM_TITLES[calculation.system]}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${title}</title>`,
    `<desc id="desc">${describe(calculation, states)}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text class="title" x="28" y="40">${title}</text>`,
    `<text x="28" y="64">${summarise(calculation)}</text>`,
    drawLegend(),
    ...PANELS.map((panel) => drawPanel(panel, states)),
    '</svg>',
  ].join('\n');
}

function summarise(calculation: Calculation): string {
  const { x0, y0, z0, sigma, rho, beta, delta_t: dt, steps } = calculation;
  const start = [x0, y0, z0].map(shorten).join(', ');
  const constants = `σ = ${shorten(sigma)}, ρ = ${shorten(rho)}, β = ${shorten(beta)}`;
  return `${steps} ${steps === 1 ? 'step' : 'steps'} of Δt = ${shorten(dt)} from (${start}); ${constants}`;
}

function describe(calculation: Calculation, states: readonly State[]): string {
  const last = states.at(-1);
  const end = last === undefined ? '' : `; it ends at (${[last.x, last.y, last.z].map(shorten).join(', ')})`;
  return `${summarise(calculation)}${end}. The panels show Z over X, Y over X and Z over Y; the line darkens from the first state to the last.`;
}

/**
 * A decimal as text with typographic minus signs. Text of up to nine characters keeps its digits. A longer number is
 * rounded to six significant digits, and is written without an exponent if its exponent is from -4 to 6.
 */
function shorten(decimal: Decimal): string {
  const text = writeDecimal(decimal);
  return (text.length <= 9 ? text : rounded(decimal)).replaceAll('-', '−');
}

function rounded({ value }: Decimal): string {
  const short = value.toSignificantDigits(6);
  const isPlain = short.e >= -4 && short.e <= 6;
  return isPlain ? short.toFixed() : short.toExponential().replace(/e\+?/, 'E');
}

function drawLegend(): string {
  const y = 60;
  const ramp = Array.from(
    { length: 24 },
    (_, index) => `<rect x="${734 + index * 4}" y="${y - 2}" width="4" height="4" fill="${colourAt(index / 23)}"/>`,
  ).join('');
  return [
    `<g><circle class="first" cx="678" cy="${y}" r="4.5"/><text x="690" y="${y + 4}">start</text>${ramp}`,
    `<circle class="last" cx="846" cy="${y}" r="5"/><text x="858" y="${y + 4}">last state</text></g>`,
  ].join('\n');
}

function drawPanel(
  { across, up, left, top, width, height }: (typeof PANELS)[number],
  states: readonly State[],
): string {
  const [right, bottom] = [left + width, top + height];
  const horizontal = axisOf(across, states, [left, right], width / PIXELS_PER_TICK.across);
  const vertical = axisOf(up, states, [bottom, top], height / PIXELS_PER_TICK.up);
  const points = states.map((state): Point => [horizontal.place(state[across]), vertical.place(state[up])]);
  return [
    '<g>',
    ...horizontal.ticks.map(
      ({ place, label }) =>
        `<path class="grid" d="M${pixels(place)},${top}V${bottom}"/><text x="${pixels(place)}" y="${bottom + 19}" text-anchor="middle">${label}</text>`,
    ),
    ...vertical.ticks.map(
      ({ place, label }) =>
        `<path class="grid" d="M${left},${pixels(place)}H${right}"/><text x="${left - 8}" y="${pixels(place + 4)}" text-anchor="end">${label}</text>`,
    ),
    `<rect class="frame" x="${left}" y="${top}" width="${width}" height="${height}"/>`,
    `<text class="name" x="${right}" y="${bottom + 39}" text-anchor="end">${nameOf(across, horizontal)}</text>`,
    `<text class="name" x="${left}" y="${top - 9}">${nameOf(up, vertical)}</text>`,
    ...drawPath(points),
    ...drawMarks(points),
    '</g>',
  ].join('\n');
}

function axisOf(coordinate: keyof State, states: readonly State[], range: Point, ticks: number): Axis {
  return createAxis(
    states.map((state) => state[coordinate]),
    range,
    Math.floor(ticks),
  );
}

function nameOf(coordinate: keyof State, { note }: Axis): string {
  return coordinate.toUpperCase() + (note === '' ? '' : ` (${note})`);
}

/** Consecutive pieces, each in one colour. A piece starts where the piece before it ends. */
function drawPath(points: readonly Point[]): string[] {
  const draw = line().digits(1);
  const last = points.length - 1;
  const piece = Math.ceil(last / COLOUR_STEPS);
  const starts = Array.from({ length: Math.ceil(last / piece) }, (_, index) => index * piece);
  return starts.map((start) => {
    const end = Math.min(start + piece, last);
    const colour = colourAt((start + end) / 2 / last);
    return `<path class="path" stroke="${colour}" d="${draw(points.slice(start, end + 1))}"/>`;
  });
}

function drawMarks(points: readonly Point[]): string[] {
  const last = points.length - 1;
  const steps = last <= MAX_MARKED_STEPS ? points.slice(1, -1) : [];
  const marks = steps.map(
    ([x, y], index) => `<circle cx="${pixels(x)}" cy="${pixels(y)}" r="2.5" fill="${colourAt((index + 1) / last)}"/>`,
  );
  const ends = [points.slice(0, 1), points.slice(-1)].flat();
  return [
    ...marks,
    ...ends.map(([x, y], index) => {
      const [kind, radius] = index === 0 ? ['first', 4.5] : ['last', 5];
      return `<circle class="${kind}" cx="${pixels(x)}" cy="${pixels(y)}" r="${radius}"/>`;
    }),
  ];
}
