import { Refused } from '../../../web/ask';
import { Corrections } from '../../../web/ride/corrections';
import type { Corrected } from '../../../web/ride/ride-api';

const name = { owner: 'car', task: 'ride' };
const MINUTE = 60_000;
const at = (minute: number, lat = 41) => ({ time: minute * MINUTE, lat, lon: -8 });

/** Answers one after the other, and notes from when each was asked for. */
function answers(...list: (Corrected | Error)[]) {
  const asked: (number | undefined)[] = [];
  const corrected = async (_name: object, from: number | undefined) => {
    asked.push(from);
    const next = list.shift();
    if (!next || next instanceof Error) throw next ?? new Error('Nobody was to ask.');
    return next;
  };
  return { asked, corrections: new Corrections({ corrected }, name) };
}

test('what may still change is read again, what lies before it stays', async () => {
  const { asked, corrections } = answers(
    { points: [at(0), at(30)], until: 31 * MINUTE },
    { points: [at(30, 42), at(40)], until: 41 * MINUTE },
  );
  await corrections.refresh(undefined);
  await corrections.refresh(undefined);
  expect(asked).toEqual([0, 21 * MINUTE]);
  expect(corrections.track.points).toEqual([at(0), at(30, 42), at(40)]);
  expect(corrections.state).toEqual({ points: 3, until: 41 * MINUTE });
});

test('a point that came late has all read anew', async () => {
  const page = { points: [at(0)], until: 60 * MINUTE };
  const { asked, corrections } = answers(page, page, page);
  for (const late of [undefined, 7, 7]) await corrections.refresh(late);
  expect(asked).toEqual([0, 0, 50 * MINUTE]);
});

test('why there is none is kept to be told, and a track that was read stays', async () => {
  const { corrections } = answers({ points: [at(0)], until: MINUTE }, new Refused(503, 'store_unavailable', 'Away.'));
  await corrections.refresh(undefined);
  await corrections.refresh(undefined);
  expect(corrections.state).toEqual({ points: 1, until: MINUTE, problem: 'Away.' });
  expect(corrections.track.points).toHaveLength(1);
});

test('a track that does not exist yet is only not corrected yet', async () => {
  const { corrections } = answers(new Refused(404, 'track_not_found', 'There is no such track.'));
  expect(corrections.state).toBeUndefined();
  await corrections.refresh(undefined);
  expect(corrections.state).toEqual({ points: 0, until: undefined, problem: undefined });
});
