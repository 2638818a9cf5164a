/** Maps decimals of any magnitude to positions on an axis, without overflow of doubles. */
import { scaleLinear } from 'd3-scale';
import type { Decimal } from './decimal.ts';

export interface Axis {
  kind: 'linear' | 'logarithmic';
  /**
   * Shown beside the name of the axis. Linear: the power of ten by which the labels are multiplied, or ''. Logarithmic:
   * 'powers of ten'.
   */
  note: string;
  /** Position in pixels; finite for all values of the axis. */
  place: (value: Decimal) => number;
  ticks: { place: number; label: string }[];
}

/** Up to this exponent of the largest value, an axis is always linear. */
const SMALL_EXPONENT = 6;
/**
 * A value whose exponent is smaller than the largest exponent by this much is at most 1 % of the largest value. On a
 * linear axis, it hardly differs from zero.
 */
const VISIBLE_POWERS = 3;
/** Labels are plain numbers if the exponent of the largest value is in this range. */
const PLAIN_LABELS = [-3, 4] as const;
/** Minimum length of a linear axis, relative to its largest value: labels of a shorter axis need too many digits. */
const MIN_SPAN = 1e-3;
/** Margin at both ends, relative to the range of the values. */
const MARGIN = 0.04;

/**
 * Makes an axis for values.
 *
 * It is linear if the largest value has an exponent of at most 6, or if at least half of the values would be visibly
 * away from zero on a linear axis. Otherwise it is logarithmic in both directions from zero (symlog): v is at
 * sign(v) log10(1 + |v|), and the ticks are powers of ten.
 *
 * @param range pixels of the low and of the high end
 * @param tickCount approximate number of ticks
 */
export function createAxis(values: readonly Decimal[], range: readonly [number, number], tickCount: number): Axis {
  const exponents = values.filter(({ value }) => !value.isZero()).map(({ value }) => value.e);
  const largest = exponents.length === 0 ? 0 : Math.max(...exponents);
  const visible = exponents.filter((exponent) => exponent > largest - VISIBLE_POWERS).length;
  return largest <= SMALL_EXPONENT || visible * 2 >= values.length
    ? linearAxis(values, largest, range, tickCount)
    : logarithmicAxis(values, range, tickCount);
}

function linearAxis(
  values: readonly Decimal[],
  largest: number,
  range: readonly [number, number],
  tickCount: number,
): Axis {
  const unit = largest < PLAIN_LABELS[0] || largest > PLAIN_LABELS[1] ? largest : 0;
  const inUnits = ({ value }: Decimal): number => value.times(`1E${-unit}`).toNumber();
  const scale = scaleLinear(domainOf(values.map(inUnits)), range);
  const format = scale.tickFormat(tickCount);
  return {
    kind: 'linear',
    note: unit === 0 ? '' : `×10${superscript(unit)}`,
    place: (value) => scale(inUnits(value)),
    ticks: scale.ticks(tickCount).map((tick) => ({ place: scale(tick), label: format(tick) })),
  };
}

function logarithmicAxis(values: readonly Decimal[], range: readonly [number, number], tickCount: number): Axis {
  const scale = scaleLinear(domainOf([0, ...values.map(toPower)]), range);
  return {
    kind: 'logarithmic',
    note: 'powers of ten',
    place: (value) => scale(toPower(value)),
    ticks: scale.ticks(tickCount).map((power) => ({
      place: scale(Math.sign(power) * compress(1, Math.abs(power))),
      label: power === 0 ? '0' : `${power < 0 ? '−' : ''}10${superscript(Math.abs(power))}`,
    })),
  };
}

function domainOf(numbers: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const missing = Math.max(0, (size === 0 ? 1 : size * MIN_SPAN) - (high - low));
  const room = missing / 2 + (high - low) * MARGIN;
  return [low - room, high + room];
}

/** sign(v) log10(1 + |v|), even if v is out of the range of doubles. */
function toPower({ value }: Decimal): number {
  return value.s * compress(value.abs().times(`1E${-value.e}`).toNumber(), value.e);
}

/** log10(1 + mantissa 10 ** exponent); from 10 ** 16 on, adding 1 does not change a double. */
function compress(mantissa: number, exponent: number): number {
  return exponent < 16 ? Math.log10(1 + mantissa * 10 ** exponent) : exponent + Math.log10(mantissa);
}

function superscript(power: number): string {
  return String(power).replace(/[-\d]/g, (sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt('-0123456789'.indexOf(sign)));
}
