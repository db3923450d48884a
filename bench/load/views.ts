import type { DeviceLedger, Seen, View } from './messages';
import { inside } from './town';

/** What viewers' maps show in the end, held against what was accepted. */
export interface Shown {
  /** newest positions that lie in some viewer's map, each counted for each viewer */
  expected: number;
  /** of those, how many the map does not show */
  lost: number;
  /** positions on a map that are no vehicle's newest */
  outdated: number;
}

const keyOf = ({ time, lat, lon }: Seen) => `${time} ${lat} ${lon}`;

/**
 * Compares each viewer's map with the newest position of every device. Vehicles go by pseudonyms there, so positions
 * are told apart by time and place. Devices whose last report nobody answered are left out.
 */
export function compareViews(ledgers: readonly DeviceLedger[], views: readonly View[]): Shown {
  const sure = ledgers.filter(({ unsure }) => unsure === 0);
  const newest = sure.flatMap((ledger) => ledger.newest ?? []);
  const keys = new Set(newest.map(keyOf));
  const result: Shown = { expected: 0, lost: 0, outdated: 0 };
  for (const { viewport, shown } of views) {
    const there = new Set(shown.map(keyOf));
    const wanted = newest.filter((position) => inside(position, viewport));
    result.expected += wanted.length;
    result.lost += wanted.filter((position) => !there.has(keyOf(position))).length;
    if (sure.length === ledgers.length) result.outdated += [...there].filter((key) => !keys.has(key)).length;
  }
  return result;
}
