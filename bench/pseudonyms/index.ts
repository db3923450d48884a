import { machine } from '../machine';
import { attack, type Model, type Scheme, type Tally } from './attack';
import { readTraces, type Trace } from './traces';

const HELP = `npm run bench:pseudonyms [-- --help]

How often a viewer who watches everything links a vehicle's new pseudonym to its old one, by extrapolating each name's
last position and speed to the first of each new name and choosing the likeliest assignment of all. Vehicles are the
trips of the Porto morning (data/porto), begun within a shorter or longer time so that more or fewer drive at once,
reporting each five seconds. The attacker's idea of driving is the one that serves it best. Deterministic; some minutes.`;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PERIOD = 15 * MINUTE;
const INTERVAL = 5 * SECOND;
const SILENCES = [15, 30, 60, 120];

const together = (seconds: number): Scheme => ({
  label: `all at once, silent for up to ${seconds} s`,
  together: true,
  silenceMs: seconds * SECOND,
});
const schemes: Scheme[] = [
  { label: 'each at its own moment, no silence', together: false, silenceMs: 0 },
  { label: 'each at its own moment, silent for up to 60 s', together: false, silenceMs: 60 * SECOND },
  { label: 'all at once, no silence', together: true, silenceMs: 0 },
  ...SILENCES.map(together),
];

const models: Model[] = [0, 0.25, 0.5, 0.75, 1].flatMap((keeps) =>
  [2, 4, 8].map((driftMps) => ({ keeps, driftMps, knowsPhase: false })),
);

/** Moments through the window, after the first trips have begun; each is attacked alone. */
const momentsIn = (windowMs: number, count: number) =>
  Array.from({ length: count }, (_, index) => windowMs * (0.3 + (0.7 * index) / count));

const rate = ({ right, seenTwice }: Tally) => right / Math.max(1, seenTwice);
const percent = (share: number) => `${(100 * share).toFixed(0).padStart(3)} %`;
const atOnce = ({ ended, changes }: Tally) => Math.round(ended / changes);

function best(traces: readonly Trace[], scheme: Scheme, at: readonly number[]): { model: Model; tally: Tally } {
  const tried = models.map((model) => ({ model, tally: attack(traces, scheme, model, at, PERIOD, INTERVAL) }));
  return tried.reduce((a, b) => (rate(b.tally) > rate(a.tally) ? b : a));
}

function row(label: string, traces: readonly Trace[], scheme: Scheme, at: readonly number[], known?: Model): void {
  const { model, tally } = known
    ? { model: known, tally: attack(traces, scheme, known, at, PERIOD, INTERVAL) }
    : best(traces, scheme, at);
  const strict = attack(traces, scheme, { ...model, knowsPhase: true }, at, PERIOD, INTERVAL);
  const linked = rate(tally);
  const cells = [label.padEnd(46), String(atOnce(tally)).padStart(5), percent(linked), percent(linked ** 4)];
  console.log(`| ${[...cells, percent(rate(strict))].join(' | ')} |`);
}

const head = (first: string) =>
  console.log(
    `\n| ${first} | vehicles at once | linked | followed for an hour | linked, reporting on a strict clock |\n|---|---|---|---|---|`,
  );

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  console.log(machine());
  const traces = await readTraces(2 * HOUR, INTERVAL);
  const at = momentsIn(2 * HOUR, 24);
  head('names change');
  for (const scheme of schemes) row(scheme.label, traces, scheme, at);
  const scheme = together(60);
  const { model } = best(traces, scheme, at);
  head(scheme.label);
  for (const [label, windowMs, count] of [
    ['as recorded, 9 hours', 10 * HOUR, 36],
    ['begun within 2 hours', 2 * HOUR, 24],
    ['begun within 1 hour', HOUR, 12],
    ['begun within half an hour', HOUR / 2, 6],
  ] as const) {
    row(label, await readTraces(windowMs, INTERVAL), scheme, momentsIn(Math.min(windowMs, 9 * HOUR), count), model);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
