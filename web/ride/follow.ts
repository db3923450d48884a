import type { Environment } from '../../client/src/environment';
import { systemEnvironment } from '../../client/src/environment';
import { readTrack } from '../../client/src/track-reader';
import { type Point, pointSchema } from '../../lambdas/contract/position';
import type { Asker } from '../ask';
import type { RideName } from './ride-api';

/** How reading goes: `lost` while no answer comes, or one that waiting may mend. */
export type Reading = 'ok' | 'missing' | 'lost';

export interface Following extends RideName {
  /** Its token is asked for anew when the server refuses the one in use. */
  session: Pick<Asker, 'api' | 'token'>;
  /** Between two looks while nothing is new (ms). */
  pollMs: number;
  /** Ends it; by itself it goes on as long as the page. */
  signal?: AbortSignal;
  /** In the order of arrival. */
  onPoints: (points: Point[]) => void;
  onReading: (reading: Reading) => void;
  environment?: Partial<Environment>;
}

function readingOf(status: number | undefined): Reading {
  if (status === 404) return 'missing';
  return status !== undefined && status < 300 ? 'ok' : 'lost';
}

/** Tells of each answer whether reading goes well; the reader itself goes on through all of that. */
function watched(ask: Environment['fetch'], onReading: Following['onReading']): Environment['fetch'] {
  return async (url, init) => {
    try {
      const response = await ask(url, init);
      onReading(readingOf(response.status));
      return response;
    } catch (error) {
      if (!init.signal?.aborted) onReading('lost');
      throw error;
    }
  };
}

/**
 * Reads a track from its beginning, and goes on as it grows: each point once, those that come late too.
 * Ends with the signal. @throws TrackUnreadable where the server refuses for good
 */
export async function follow({ owner, task, session, pollMs, signal, ...following }: Following): Promise<void> {
  const environment = { ...systemEnvironment(), ...following.environment };
  const fetch = watched(environment.fetch, following.onReading);
  const { api } = session;
  const reading = { api, token: () => session.token, owner, task, pollMs, ...(signal && { signal }) };
  for await (const { points } of readTrack({ ...reading, environment: { ...environment, fetch } })) {
    following.onPoints(points.flatMap((point) => pointSchema.safeParse(point).data ?? []));
  }
}
