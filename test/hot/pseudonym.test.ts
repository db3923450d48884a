import fc from 'fast-check';
import { Pseudonyms } from '../../lambdas/contract/hot/pseudonym';
import type { Command, Valkey } from '../../lambdas/platform/valkey';

/** Keeps what the first `SET … NX GET` offered. */
class Salts implements Valkey {
  readonly kept = new Map<unknown, unknown>();
  trips = 0;

  async run(commands: readonly Command[]): Promise<unknown[]> {
    this.trips += 1;
    return commands.map((command) => {
      if ('script' in command) throw new Error('no script here');
      const [, key, offer] = command;
      const known = this.kept.get(key) ?? null;
      if (known === null) this.kept.set(key, offer);
      return known;
    });
  }
}

const rotation = { periodMs: 900_000, silenceMs: 60_000 };
const { periodMs, silenceMs } = rotation;
const CHANGE = Date.UTC(2026, 6, 1);
const MIDDLE = CHANGE - periodMs / 2;
const device = fc.string({ minLength: 1 });

test('every instance tells the same name, and asks for a salt once a rotation', async () => {
  const valkey = new Salts();
  const [one, other] = [new Pseudonyms(valkey, rotation), new Pseudonyms(valkey, rotation)];
  const name = (await one.at(MIDDLE)).nameAt('taxi-1', MIDDLE);
  expect((await other.at(MIDDLE)).nameAt('taxi-1', MIDDLE)).toBe(name);
  expect(name).toMatch(/^[\w-]{12}$/);
  expect(valkey.trips).toBe(2);
  await one.at(MIDDLE + 1);
  expect(valkey.trips).toBe(2);
});

test('a name lasts from a change to the next, but for the silence around both; then there is another', async () => {
  const pseudonyms = new Pseudonyms(new Salts(), rotation);
  const names = async (now: number) => pseudonyms.at(now);
  const [old, fresh] = [await names(CHANGE - 1), await names(CHANGE)];
  expect([old.until, fresh.until]).toEqual([CHANGE, CHANGE + periodMs]);
  fc.assert(
    fc.property(device, fc.integer({ min: silenceMs / 2, max: periodMs - silenceMs / 2 - 1 }), (each, into) => {
      const [before, after] = [old.nameAt(each, CHANGE - periodMs + into), fresh.nameAt(each, CHANGE + into)];
      expect([before, after]).toEqual([old.nameAt(each, MIDDLE), fresh.nameAt(each, MIDDLE + periodMs)]);
      expect(before).toBeDefined();
      expect(after).not.toBe(before);
    }),
  );
});

test('around a change each device is silent for a time of its own, between a third and the whole of the longest', async () => {
  const pseudonyms = new Pseudonyms(new Salts(), rotation);
  const [old, fresh] = [await pseudonyms.at(CHANGE - 1), await pseudonyms.at(CHANGE)];
  const step = 100;
  const silences = Array.from({ length: 200 }, (_, index) => {
    let [from, to] = [CHANGE, CHANGE];
    while (old.nameAt(`taxi-${index}`, from - step) === undefined) from -= step;
    while (fresh.nameAt(`taxi-${index}`, to) === undefined) to += step;
    return to - from;
  });
  for (const silence of silences) {
    expect(silence).toBeGreaterThanOrEqual(silenceMs / 3 - step);
    expect(silence).toBeLessThanOrEqual(silenceMs + step);
  }
  expect(new Set(silences).size).toBeGreaterThan(50);
});

test('names of one epoch tell nothing of a position of another, however late or early it comes', async () => {
  const names = await new Pseudonyms(new Salts(), rotation).at(MIDDLE);
  fc.assert(
    fc.property(device, fc.integer({ min: 0, max: 3 * periodMs }), (each, away) => {
      expect(names.nameAt(each, CHANGE + away)).toBeUndefined();
      expect(names.nameAt(each, CHANGE - periodMs - 1 - away)).toBeUndefined();
    }),
  );
});

test('a salt that Valkey lost is offered again by whoever has it: names stay', async () => {
  const valkey = new Salts();
  const pseudonyms = new Pseudonyms(valkey, rotation);
  const name = (await pseudonyms.at(MIDDLE)).nameAt('taxi-1', MIDDLE);
  valkey.kept.clear();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
  expect((await pseudonyms.at(MIDDLE)).nameAt('taxi-1', MIDDLE)).toBe(name);
  clock.mockRestore();
  const other = await new Pseudonyms(valkey, rotation).at(MIDDLE);
  expect(other.nameAt('taxi-1', MIDDLE)).toBe(name);
});

test('names tell nothing without the salt: two deployments differ', async () => {
  const name = async () => (await new Pseudonyms(new Salts(), rotation).at(MIDDLE)).nameAt('taxi-1', MIDDLE);
  expect(await name()).not.toBe(await name());
});
