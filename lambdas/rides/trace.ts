import { isSpike, REACH, type Sample } from './sample';
import { mergeWays, type Way, wayOf } from './way';

/**
 * Samples one after the other, spikes among them. Whether a sample is a spike depends on its four neighbours on either
 * side, so that of the first four and the last four is open until neighbours come; all between are judged, and what is
 * left of them is the core.
 */
export interface Trace {
  samples: number;
  /** The first eight samples and the last eight, or all where there are fewer: enough to judge what is open. */
  first: Sample[];
  last: Sample[];
  /** The samples that are judged and no spikes. */
  core: Way | undefined;
  spikes: number;
}

/** Samples kept at each end: those that are open, and their neighbours. */
const KEPT = 2 * REACH;

export const traceOf = (sample: Sample): Trace => ({
  ...{ samples: 1, first: [sample], last: [sample], core: undefined, spikes: 0 },
});

interface Judged {
  kept: Way | undefined;
  spikes: number;
}

/** Judges the samples of a list from one index to another, `to` excluded. */
function judge(list: readonly Sample[], from: number, to: number): Judged {
  const judged: Judged = { kept: undefined, spikes: 0 };
  for (let index = from; index < to; index += 1) {
    const sample = list[index];
    if (sample === undefined) continue;
    if (isSpike(list, index)) judged.spikes += 1;
    else judged.kept = mergeWays(judged.kept, wayOf(sample));
  }
  return judged;
}

/** @returns the trace over `a` and then `b` */
export function mergeTraces(a: Trace, b: Trace): Trace {
  const seam = [...a.last, ...b.first];
  const left = a.last.length;
  // What was open at the seam, but for what is among the first or the last samples of the whole.
  const from = Math.max(left - REACH, left + REACH - a.samples);
  const to = left + Math.min(REACH, b.samples - REACH);
  const { kept, spikes } = judge(seam, from, to);
  return {
    samples: a.samples + b.samples,
    first: [...a.first, ...b.first].slice(0, KEPT),
    last: [...a.last, ...b.last].slice(-KEPT),
    core: mergeWays(mergeWays(a.core, kept), b.core),
    spikes: a.spikes + b.spikes + spikes,
  };
}

/** @returns the way of a trace that nothing follows, and its spikes: at its ends the neighbours that are there count */
export function finish({ samples, first, last, core, spikes }: Trace): { way: Way | undefined; spikes: number } {
  const start = judge(first, 0, REACH);
  const end = judge(last, Math.max(last.length - REACH, last.length + REACH - samples), last.length);
  return {
    way: mergeWays(mergeWays(start.kept, core), end.kept),
    spikes: spikes + start.spikes + end.spikes,
  };
}
