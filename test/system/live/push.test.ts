import { setTimeout as sleep } from 'node:timers/promises';
import { showPositions } from '../../../lambdas/live/positions';
import { subscribe } from '../../../lambdas/live/subscribe';
import { sweep } from '../../../lambdas/live/sweep';
import {
  batch,
  follow,
  index,
  newConnection,
  newPlace,
  report,
  request,
  STALE_SECONDS,
  startValkey,
  Town,
} from './fixture';

let valkey: Awaited<ReturnType<typeof startValkey>>;
beforeAll(async () => {
  valkey = await startValkey();
}, 120_000);
afterAll(() => valkey.stop());

const town = (framesPerSecond?: number) => new Town(valkey.engine.url, framesPerSecond);
const now = () => Date.now();

test('a snapshot has what is in view and nothing else, then each move comes as a frame', async () => {
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside, outside } = newPlace();
  const time = now();
  await report(room, taxi, { time, ...inside, speed: 7, heading: 90, attributes: { plate: 'X' } });
  await report(room, `${taxi}-out`, { time, ...outside });
  const client = await follow(room, viewport);
  const vehicle = { vehicle: taxi, time, ...inside, speed: 7, heading: 90 };
  expect(here.clients.of(client)).toEqual([{ type: 'snapshot', id: 'map', positions: [vehicle], left: [] }]);
  await report(room, taxi, { time: time + 1, ...inside });
  const moved = { vehicle: taxi, time: time + 1, ...inside };
  expect(here.clients.of(client)[1]).toEqual({ type: 'positions', id: 'map', positions: [moved], left: [] });
});

test('who leaves the box is told as left, who was never in it is not told at all', async () => {
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside, outside } = newPlace();
  const client = await follow(room, viewport);
  await report(room, taxi, { time: now(), ...inside });
  await report(room, taxi, { time: now() + 1, ...outside });
  await report(room, 'other', { time: now(), ...outside });
  expect(here.clients.of(client).flatMap((frame) => frame.left)).toEqual([taxi]);
  expect(here.clients.view(client).size).toBe(0);
});

test('a late batch never moves a vehicle back, nor does a replayed one', async () => {
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const client = await follow(room, viewport);
  const time = now();
  const late = { time: time - 5_000, lat: inside.lat + 0.01, lon: inside.lon };
  await report(room, taxi, { time, ...inside });
  await report(room, taxi, late);
  await showPositions(room, [batch(taxi, late), batch(taxi, { time, ...inside })], now());
  const times = here.clients.of(client).flatMap((frame) => frame.positions.map((each: { time: number }) => each.time));
  expect(new Set(times)).toEqual(new Set([time]));
});

test('of two positions of one time the first stays, as in the track', async () => {
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const client = await follow(room, viewport);
  const time = now();
  await report(room, taxi, { time, ...inside });
  await report(room, taxi, { time, lat: inside.lat + 0.01, lon: inside.lon });
  expect(here.clients.view(client).get(taxi)).toMatchObject(inside);
});

test('a vehicle that falls silent leaves at the sweep, also one that only the snapshot had shown', async () => {
  const here = town();
  const room = here.room();
  const { viewport, inside } = newPlace();
  const time = now();
  await index(room, 'indexed', { time, ...inside });
  const client = await follow(room, viewport);
  await report(room, 'moving', { time, ...inside });
  expect([...here.clients.view(client).keys()].sort()).toEqual(['indexed', 'moving']);
  await sweep(room, time + STALE_SECONDS * 1000);
  expect(here.clients.view(client).size).toBe(2);
  await sweep(room, time + STALE_SECONDS * 1000 + 1);
  expect(here.clients.view(client).size).toBe(0);
});

test('a viewer sees pseudonyms that snapshot, moves and leaving agree on; an operator true ids', async () => {
  const here = town();
  const { taxi, viewport, inside, outside } = newPlace();
  await report(here.room(), taxi, { time: now(), ...inside });
  const viewer = await follow(here.room(), viewport, newConnection(), 'viewer');
  const operator = await follow(here.room(), viewport);
  const [name] = here.clients.view(viewer).keys();
  expect([...here.clients.view(operator).keys()]).toEqual([taxi]);
  await report(here.room(), taxi, { time: now() + 1, ...inside });
  expect([...here.clients.view(viewer).keys()]).toEqual([name]);
  await report(here.room(), taxi, { time: now() + 2, ...outside });
  expect(here.clients.view(viewer).size).toBe(0);
  expect(JSON.stringify(here.clients.of(viewer))).not.toContain(taxi);
});

test.each([
  ['each waiting for a client’s rest', false],
  ['leaving that to a flusher', true],
])(
  'many functions at once, %s, send a client no more frames than it may get, and its view ends up right',
  async (_, flushing) => {
    const framesPerSecond = 10;
    const here = town(framesPerSecond);
    const { taxi, viewport, inside } = newPlace();
    const client = await follow(here.room(), viewport);
    const rooms = Array.from({ length: 6 }, () => here.room());
    const flusher = flushing ? here.room().delivery.flush(now() + 1_500) : undefined;
    const start = now();
    const last = new Map<string, number>();
    await Promise.all(
      rooms.map(async (room, shard) => {
        for (let turn = 0; turn < 40; turn++) {
          const device = `${taxi}-${shard}-${turn % 5}`;
          last.set(device, start + turn);
          await showPositions(room, [batch(device, { time: start + turn, ...inside })], now());
          if (flushing) await sleep(10);
        }
      }),
    );
    await flusher;
    const stamps = here.clients.posts.filter((post) => post.connection === client).map(({ at }) => at);
    for (const [index, at] of stamps.entries()) {
      const within = stamps.slice(index).filter((other) => other < at + 1_000);
      expect(within.length).toBeLessThanOrEqual(framesPerSecond + 1);
    }
    const seen = new Map([...here.clients.view(client)].map(([vehicle, { time }]) => [vehicle, time]));
    expect(seen).toEqual(last);
  },
  20_000,
);

test('a function that reads the stream does not wait for a client’s rest while a flusher is at work', async () => {
  const here = town(0.5);
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const client = await follow(room, viewport);
  const flusher = here.room().delivery.flush(now() + 3_000);
  await sleep(100);
  const start = now();
  await report(room, taxi, { time: start, ...inside });
  expect(here.clients.of(client)).toHaveLength(1);
  await flusher;
  expect(here.clients.view(client).get(taxi)).toMatchObject(inside);
}, 20_000);

test('a slow client gets what has happened meanwhile merged into one frame, not one after the other', async () => {
  const here = town(100);
  const { taxi, viewport, inside } = newPlace();
  const client = await follow(here.room(), viewport);
  let finish = () => {};
  const blocked = new Promise<void>((resolve) => {
    finish = resolve;
  });
  here.clients.slow.set(client, () => blocked);
  const start = now();
  const first = showPositions(here.room(), [batch(taxi, { time: start, ...inside })], now());
  await sleep(50);
  for (let turn = 1; turn <= 20; turn++) {
    await showPositions(here.room(), [batch(taxi, { time: start + turn, ...inside })], now());
  }
  here.clients.slow.delete(client);
  finish();
  await first;
  const times = here.clients
    .of(client)
    .map((frame) => frame.positions.map((each: { time: number }) => each.time - start));
  expect(times).toEqual([[], [0], [20]]);
});

test('what could not be posted is not lost: it comes merged once posting works again', async () => {
  const here = town(50);
  const room = here.room();
  const { viewport, inside } = newPlace();
  const client = await follow(room, viewport);
  here.clients.failing.add(client);
  const time = now();
  await report(room, 'a', { time, ...inside });
  here.clients.failing.delete(client);
  await sleep(1_050);
  await report(room, 'far away', { time, lat: 80, lon: 80 });
  expect([...here.clients.view(client).keys()]).toEqual(['a']);
});

test('a connection that is gone is forgotten with all its topics', async () => {
  const here = town();
  const room = here.room();
  const { taxi, viewport, inside } = newPlace();
  const client = await follow(room, viewport);
  await subscribe(room, { type: 'subscribe', id: 'one', device: taxi }, request(client, 'operator'));
  here.clients.gone.add(client);
  await report(room, taxi, { time: now(), ...inside });
  const keys = await room.valkey.run([
    ['KEYS', `live:{${client}*`],
    ['KEYS', `subs:{device:${taxi}}`],
  ]);
  expect(keys).toEqual([[], []]);
  here.clients.gone.delete(client);
  const posts = here.clients.of(client).length;
  await report(room, taxi, { time: now() + 1, ...inside });
  expect(here.clients.of(client).length).toBe(posts);
});

test('no vehicle is missed between subscribing and the snapshot, and none comes twice as another', async () => {
  const here = town(50);
  const { viewport, inside } = newPlace();
  const start = now();
  const client = newConnection();
  const moving = Array.from({ length: 30 }, (_, each) => async () => {
    await sleep(each);
    await report(here.room(), `v${each}`, { time: start + each, ...inside });
  });
  await Promise.all([...moving.map((move) => move()), sleep(10).then(() => follow(here.room(), viewport, client))]);
  await sleep(100);
  await report(here.room(), 'v0', { time: start + 100, ...inside });
  expect(here.clients.of(client)[0].type).toBe('snapshot');
  expect(here.clients.view(client).size).toBe(30);
});
