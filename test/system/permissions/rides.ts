import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DirectDevice } from '../direct/device';
import { type Scene, TASK } from './scene';

const MINUTE_MS = 60_000;

/** A device that has begun a ride and writes its rows itself. */
async function rider(scene: Scene): Promise<DirectDevice> {
  return DirectDevice.begin(scene.client, scene.place().device, TASK);
}

export async function getsCredentials(scene: Scene): Promise<void> {
  const device = await rider(scene);
  await device.write([{ time: Date.now(), lat: 41, lon: -8 }]);
  device.close();
}

/** Statistics count what was written and can stay, what came late as well; what can't is gone from the track. */
export async function countsRides(scene: Scene): Promise<void> {
  const device = await rider(scene);
  const now = Date.now();
  await device.write([
    { time: now, lat: 41, lon: -8 },
    { time: now + 1, lat: 0, lon: 0 },
  ]);
  await scene.sees(async () => (await pointsOf(scene, device)) === 1);
  await device.write([{ time: now - 5 * MINUTE_MS, lat: 41, lon: -8 }]);
  await scene.sees(async () => (await pointsOf(scene, device)) === 2);
  await scene.sees(async () => {
    const { positions } = await scene.read(`/v1/tracks/${device.device}/${TASK}`);
    return positions.length === 2;
  });
  device.close();
}

async function pointsOf(scene: Scene, { device, task }: DirectDevice): Promise<number | undefined> {
  const { statistics } = await scene.read(`/v1/rides/${task}?owner=${device}`);
  return statistics?.points;
}

/** What a device wrote by itself is found without naming its task: the registry has it, by way of the stream. */
export async function relaysRows(scene: Scene): Promise<void> {
  const device = await rider(scene);
  const now = Date.now();
  await device.write([{ time: now, lat: 41, lon: -8 }]);
  await scene.sees(async () => {
    const path = `/v1/devices/${device.device}/tracks?from=${now - MINUTE_MS}&to=${now + MINUTE_MS}`;
    const { status, body } = await scene.client.request(path, { token: scene.operator });
    return status === 200 && body.positions.length === 1;
  });
  device.close();
}

/** A row that no ride can count, as its task is longer than the key of a ride may be. */
export async function poisonRow(scene: Scene, marker: string): Promise<void> {
  const { minute } = scene.key(marker, Date.now());
  const Item = { track: { S: `${marker}#${'x'.repeat(1_100)}` }, minute, p0: { S: '41,-8' } };
  await scene.dynamodb.send(new PutItemCommand({ TableName: scene.names.tracks, Item }));
}

/** Begins a ride, looks at it, and ends it. */
export async function ridesAre(scene: Scene): Promise<void> {
  const device = await rider(scene);
  device.close();
  const token = await scene.client.token(device.device, 'device');
  const { status, text } = await scene.client.request(`/v1/rides/${TASK}/finish`, { method: 'POST', token });
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const { rides } = await scene.read(`/v1/rides?owner=${device.device}`);
  if (rides.length !== 1) throw new Error('no ride is listed');
}
