import type { compareViews } from '../load/views';
import { type Trend, trendOf } from './line';
import type { TracksCheck } from './tracks';
import { type Moment, worstLag } from './watch';

/** All that a soak came to. */
export interface Soak {
  machine: string;
  rate: number;
  minutes: number;
  moments: Moment[];
  tracks: TracksCheck;
  views: ReturnType<typeof compareViews>;
}

const MEGABYTE = 1024 ** 2;

/** A part that is not there from the first moment on (a function not yet called) counts from where it is. */
function trends(moments: readonly Moment[], of: (moment: Moment) => Record<string, number>): [name: string, Trend][] {
  const names = [...new Set(moments.flatMap((moment) => Object.keys(of(moment))))];
  return names.map((name) => {
    const points = moments.flatMap((moment): [number, number][] => {
      const value = of(moment)[name];
      return value === undefined ? [] : [[moment.at, value]];
    });
    return [name, trendOf(points)];
  });
}

function memoryRow([name, { slope, margin, mean }]: [string, Trend]): string {
  const [grows, give] = [slope / MEGABYTE, margin / MEGABYTE];
  return `| ${name} | ${(mean / MEGABYTE).toFixed(0)} | ${grows.toFixed(0)} ± ${give.toFixed(0)} |`;
}

/** @returns Markdown. @param warmUpMs what came before it is left out of slopes */
export function report({ machine, rate, minutes, moments, tracks, views }: Soak, warmUpMs: number): string {
  const start = moments[0]?.at ?? 0;
  const settled = moments.filter(({ at }) => at - start >= warmUpMs);
  const lag = trendOf(settled.map((moment) => [moment.at, worstLag(moment)]));
  const most = (of: (moment: Moment) => number) => Math.max(...settled.map(of));
  const median = (of: (moment: Moment) => number) =>
    settled.map(of).sort((a, b) => a - b)[settled.length >> 1] ?? Number.NaN;
  return [
    machine,
    `${rate} positions a second for ${minutes} minutes; slopes without the first ${(warmUpMs / 60_000).toFixed(1)}, by least squares with their 95% confidence interval.`,
    '',
    '| memory of | mean (MB) | slope (MB an hour) |',
    '|---|--:|--:|',
    ...trends(settled, ({ memory }) => memory).map(memoryRow),
    '',
    '| lag of | mean (ms) | slope (ms an hour) |',
    '|---|--:|--:|',
    ...[...trends(settled, (moment) => moment.lag), ['the slowest', lag] as const].map(
      ([name, { slope, margin, mean }]) =>
        `| ${name} | ${mean.toFixed(0)} | ${slope.toFixed(0)} ± ${margin.toFixed(0)} |`,
    ),
    '',
    '| each ten seconds | median p50 (ms) | median p99 (ms) | highest p99 (ms) |',
    '|---|--:|--:|--:|',
    `| request → answer | ${median(({ ingest }) => ingest.p50)} | ${median(({ ingest }) => ingest.p99)} | ${most(({ ingest }) => ingest.p99)} |`,
    `| request → frame | ${median(({ push }) => push.p50)} | ${median(({ push }) => push.p99)} | ${most(({ push }) => push.p99)} |`,
    '',
    `${tracks.accepted} points accepted of ${tracks.devices} devices, ${tracks.read} read back; ${tracks.wrong.length} devices differ. ` +
      `Of ${tracks.sampled} devices all ${tracks.sampledPoints} points were compared.`,
    `${views.lost} of ${views.expected} newest positions were missing on the viewers' maps in the end, ${views.outdated} outdated.`,
    `Behind: ${total(moments, ({ behind }) => behind)} reports; unanswered: ${total(moments, ({ unsure }) => unsure)} points; subscribed again: ${total(moments, ({ resubscribed }) => resubscribed)}.`,
  ].join('\n');
}

const total = (moments: readonly Moment[], of: (moment: Moment) => number) =>
  moments.reduce((sum, each) => sum + of(each), 0);
