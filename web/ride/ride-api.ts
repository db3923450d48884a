import type { Point } from '../../lambdas/contract/position';
import { trackPageSchema } from '../../lambdas/contract/reads';
import { type Ride, type RidesPage, rideSchema, ridesPageSchema } from '../../lambdas/contract/rides';
import { type Asker, ask, askFor } from '../ask';
import { type FileFormat, fileTypes, joinPages, nextOf } from './file-pages';

/** Whose ride, and which. */
export interface RideName {
  owner: string;
  task: string;
}

export type View = 'raw' | 'corrected';

/** Points in one page. */
const PAGE = '5000';

/** What is corrected of a track. */
export interface Corrected {
  points: Point[];
  /** Up to when, exclusive, epoch ms; undefined where nothing is. */
  until: number | undefined;
}

/** What the ride page asks of the API. All throw what `ask` throws. */
export class RideApi {
  constructor(private readonly session: Asker) {}

  /** A ride with its statistics. */
  ride({ owner, task }: RideName): Promise<Ride> {
    return askFor(this.session, rideSchema, ['v1', 'rides', task], { owner });
  }

  /** The rides of `owner`, newest first; of who asks, where none is named. */
  rides(owner: string | undefined, cursor?: string): Promise<RidesPage> {
    return askFor(this.session, ridesPageSchema, ['v1', 'rides'], { owner, cursor });
  }

  /** The corrected points from a moment on (epoch ms). */
  async corrected(name: RideName, from: number | undefined): Promise<Corrected> {
    const query = { view: 'corrected', limit: PAGE, ...(from !== undefined && { from: String(from) }) };
    const points: Point[] = [];
    let until: number | undefined;
    for (let cursor: string | undefined; ; ) {
      const page = await askFor(this.session, trackPageSchema, track(name), { ...query, cursor });
      points.push(...page.positions);
      until = page.correctedUntil ?? until;
      cursor = page.next;
      if (cursor === undefined) return { points, until };
    }
  }

  /** The whole track as a file. */
  async file(name: RideName, format: FileFormat, view: View): Promise<Blob> {
    const pages: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const query = { format, limit: PAGE, cursor, ...(view !== 'raw' && { view }) };
      const response = await ask(this.session, track(name), query);
      pages.push(await response.text());
      cursor = nextOf(response.headers.get('link'));
      if (cursor === undefined) return new Blob([joinPages(format, pages)], { type: fileTypes[format] });
    }
  }
}

const track = ({ owner, task }: RideName): string[] => ['v1', 'tracks', owner, task];
