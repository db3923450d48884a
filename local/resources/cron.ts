import { TemplateError } from '../model';

/** When a schedule fires next. @param after epoch milliseconds; @returns epoch milliseconds, or none any more */
export type Next = (after: number) => number | undefined;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const units: Readonly<Record<string, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * Reads `rate(…)`, `cron(…)` or `at(…)`, in UTC.
 * Source: EventBridge Scheduler user guide, "Schedule types". `L`, `W` and `#` are not served.
 * @throws TemplateError for any other expression
 */
export function parseSchedule(expression: string): Next {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  const next =
    kind === 'rate' ? rate(argument) : kind === 'cron' ? cron(argument) : kind === 'at' ? once(argument) : undefined;
  if (!next) throw new TemplateError(`The schedule ${expression} is not one that the local stack knows`);
  return next;
}

function rate(argument: string): Next | undefined {
  const [, amount, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  const period = Number(amount) * (units[unit] ?? Number.NaN);
  return period > 0 ? (after) => after + period : undefined;
}

function once(argument: string): Next | undefined {
  const time = Date.parse(`${argument}Z`);
  return Number.isNaN(time) ? undefined : (after) => (time > after ? time : undefined);
}

/** How far to look ahead for the next match: leap days come every eight years at worst. */
const horizonMs = 9 * 366 * dayMs;

function cron(argument: string): Next | undefined {
  const fields = argument.split(/\s+/);
  const [minute, hour, date, month, weekday, year] = [
    field(fields[0], 0, 59),
    field(fields[1], 0, 23),
    field(fields[2], 1, 31),
    field(fields[3], 1, 12, months, 1),
    field(fields[4], 1, 7, days, 1),
    field(fields[5], 1970, 2199),
  ];
  if (fields.length !== 6 || !minute || !hour || !date || !month || !weekday || !year) return undefined;
  const onDay = (time: Date): boolean =>
    year(time.getUTCFullYear()) &&
    month(time.getUTCMonth() + 1) &&
    date(time.getUTCDate()) &&
    weekday(time.getUTCDay() + 1);
  return (after) => {
    let at = (Math.floor(after / minuteMs) + 1) * minuteMs;
    while (at < after + horizonMs) {
      const time = new Date(at);
      if (!onDay(time)) at = (Math.floor(at / dayMs) + 1) * dayMs;
      else if (!hour(time.getUTCHours())) at = (Math.floor(at / hourMs) + 1) * hourMs;
      else if (!minute(time.getUTCMinutes())) at += minuteMs;
      else return at;
    }
    return undefined;
  };
}

function field(
  text: string | undefined,
  from: number,
  to: number,
  names: readonly string[] = [],
  offset = 0,
): ((value: number) => boolean) | undefined {
  if (text === undefined) return undefined;
  const number = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    return named >= 0 ? named + offset : Number(part);
  };
  const ranges = text.split(',').map((part) => {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const whole = range === '*' || range === '?';
    const [first, last] = whole ? [from, to] : range.split('-').map(number);
    const end = last ?? (part.includes('/') ? to : first);
    return { first: first ?? Number.NaN, last: end ?? Number.NaN, step: Number(step) };
  });
  if (ranges.some(({ first, last, step }) => !(first >= from && last <= to && first <= last && step > 0)))
    return undefined;
  return (value) =>
    ranges.some(({ first, last, step }) => value >= first && value <= last && (value - first) % step === 0);
}
