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

const PERIOD = 900_000;
const NOW = Date.UTC(2026, 6, 1);

test('every instance tells the same name, and asks for salts once a rotation', async () => {
  const valkey = new Salts();
  const [one, other] = [new Pseudonyms(valkey, PERIOD), new Pseudonyms(valkey, PERIOD)];
  const name = (await one.at(NOW))('taxi-1');
  expect((await other.at(NOW))('taxi-1')).toBe(name);
  expect(name).toMatch(/^[\w-]{12}$/);
  expect(valkey.trips).toBe(2);
  await one.at(NOW + 1);
  expect(valkey.trips).toBe(2);
});

test('a name lasts to the moment of its change, and the next one as long', async () => {
  const pseudonyms = new Pseudonyms(new Salts(), PERIOD);
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), async (device) => {
      const at = async (time: number) => (await pseudonyms.at(time))(device);
      const change = pseudonyms.changesAt(device, NOW);
      expect(change - NOW).toBeGreaterThan(0);
      expect(change - NOW).toBeLessThanOrEqual(PERIOD);
      expect(await at(change - 1)).toBe(await at(NOW));
      expect(await at(change)).not.toBe(await at(NOW));
      expect(await at(change + PERIOD - 1)).toBe(await at(change));
    }),
    { numRuns: 50 },
  );
});

test('not all names change at once', () => {
  const pseudonyms = new Pseudonyms(new Salts(), PERIOD);
  const changes = Array.from({ length: 1_000 }, (_, i) => pseudonyms.changesAt(`taxi-${i}`, NOW) - NOW);
  const early = changes.filter((wait) => wait <= PERIOD / 2).length;
  expect(early).toBeGreaterThan(400);
  expect(early).toBeLessThan(600);
});

test('names tell nothing without the salt: two deployments differ', async () => {
  const name = async () => (await new Pseudonyms(new Salts(), PERIOD).at(NOW))('taxi-1');
  expect(await name()).not.toBe(await name());
});
