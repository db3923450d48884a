import type { Point } from '../../client/src/point';
import { placeAt } from '../../client/src/point';
import { distance } from '../../lambdas/geo/distance';
import { readDataset } from '../../replay/datasets';
import { munichDrive } from '../correction/recorded';

const SECOND = 1_000;
/** Steps of more (m) in the 15 s between two points are lost samples: nobody drove that line. */
const LONGEST_STEP = 600;

/** A position each second on the straight lines between the recorded ones, at their even speed. */
function eachSecond(recorded: readonly Point[]): Point[] {
  const fixes: Point[] = recorded.slice(0, 1);
  recorded.slice(1).forEach((to, index) => {
    const from = recorded[index] ?? to;
    for (let time = from.time + SECOND; time <= to.time; time += SECOND) {
      fixes.push({ time, ...placeAt(from, to, time) });
    }
  });
  return fixes;
}

/** The drive through Munich as its receiver told it, each second. */
export async function munich(): Promise<Point[][]> {
  const drive = await munichDrive('001');
  return [drive.map(({ time, lat, lon }) => ({ time, lat, lon }))];
}

/** The trips of the Porto morning, each second, cut where samples were lost. */
export async function porto(trips: number): Promise<Point[][]> {
  const parts = new Map<string, Point[][]>();
  for (const { task, point } of await readDataset('porto')) {
    const trip = parts.get(task) ?? [[]];
    const last = trip.at(-1)?.at(-1);
    if (last && distance(last, point) > LONGEST_STEP) trip.push([]);
    trip.at(-1)?.push({ time: point.time, lat: point.lat, lon: point.lon });
    parts.set(task, trip);
  }
  return [...parts.values()]
    .slice(0, trips)
    .flat()
    .filter((part) => part.length > 1)
    .map(eachSecond);
}
