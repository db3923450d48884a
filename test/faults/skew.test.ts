import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '../../lambdas/contract/position';
import { Rig } from './harness';

jest.setTimeout(300_000);

const HOUR = 3_600_000;
const TASK = 'skewed';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start('flow', { skip: 60, fed: 8, alone: 0 });
  rig.traffic.start();
});
afterAll(() => rig?.stop());

/** A device whose clock is wrong by `skew` ms, and who mends it where it is told the time. */
class SkewedDevice {
  readonly codes: string[] = [];
  private pending: Point[] = [];
  private step = 0;

  constructor(
    private readonly id: string,
    public skew: number,
  ) {}

  note(): void {
    this.step += 1;
    this.pending.push({ time: Date.now() + this.skew, lat: Number((41.2 + this.step / 1e4).toFixed(4)), lon: -8.6 });
  }

  /** Sends what is pending until all of it is taken. */
  async send(): Promise<void> {
    while (this.pending.length > 0) {
      const clock = Date.now() + this.skew;
      const points = this.pending;
      rig.ledger.sent(this.id, TASK, points);
      const token = await rig.client.token(this.id, 'device');
      const answer = await rig.client.request('/v1/positions', { token, body: { taskId: TASK, points } });
      const wait = answer.headers.get('retry-after');
      if (wait !== null) {
        await sleep(Number(wait) * 1_000);
        continue;
      }
      const { status, body } = answer;
      expect([202, 422]).toContain(status);
      const refused = new Set<number>();
      for (const { pointer, code } of body.refused) {
        refused.add(Number(pointer.split('/')[2]));
        this.codes.push(code);
      }
      rig.ledger.accepted(
        this.id,
        TASK,
        points.filter((_, index) => !refused.has(index)),
      );
      const error = refused.size > 0 ? body.serverTime - clock : 0;
      this.skew += error;
      this.pending = points
        .filter((_, index) => refused.has(index))
        .map((point) => ({ ...point, time: point.time + error }));
    }
  }

  async latest(): Promise<number | undefined> {
    const { body } = await rig.client.request(`/v1/devices/${this.id}/position`, { token: rig.operator });
    return body.time;
  }
}

async function report(device: SkewedDevice, points: number): Promise<void> {
  for (let index = 0; index < points; index++) {
    device.note();
    await sleep(2);
  }
  await device.send();
}

test('a device whose clock is an hour ahead is told the time, mends its clock, and loses no point', async () => {
  const device = new SkewedDevice('an-hour-ahead', HOUR);
  await report(device, 5);
  expect(device.codes).toEqual(Array.from({ length: 5 }, () => 'time_in_future'));
  expect(Math.abs(device.skew)).toBeLessThan(30_000);
  await report(device, 5);
  expect(device.codes).toHaveLength(5);
  expect(Math.abs(((await device.latest()) ?? 0) - Date.now())).toBeLessThan(60_000);
});

test('of points before and after a clock went wrong only the wrong ones are refused', async () => {
  const device = new SkewedDevice('half-ahead', 0);
  device.note();
  device.skew = HOUR;
  device.note();
  await device.send();
  expect(device.codes).toEqual(['time_in_future']);
  expect(Math.abs(device.skew)).toBeLessThan(30_000);
});

test('a clock an hour behind is believed, and its points never move the latest position back', async () => {
  const device = new SkewedDevice('an-hour-behind', -HOUR);
  await report(device, 5);
  expect(device.codes).toEqual([]);
  const behind = (await device.latest()) ?? 0;
  expect(Math.abs(behind + HOUR - Date.now())).toBeLessThan(60_000);
  device.skew = 0;
  await report(device, 3);
  const right = (await device.latest()) ?? 0;
  expect(right - behind).toBeGreaterThan(HOUR - 60_000);
  for (const skew of [-HOUR, -HOUR / 2, -60_000]) {
    device.skew = skew;
    await report(device, 3);
    expect(await device.latest()).toBe(right);
  }
});

test('all that was accepted of them is there once, and the latest is the newest', () => rig.afterwards());
