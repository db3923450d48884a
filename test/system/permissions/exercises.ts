import { countsRides, getsCredentials, poisonRow, relaysRows, ridesAre } from './rides';
import { type Place, type Scene, TASK } from './scene';

/** Something a user does that only works when the function does. @throws when it does not work */
export type Exercise = (scene: Scene) => Promise<unknown>;

/** Of one function: what it is for, and other things for statements that this would not miss. */
export interface Exercises {
  usual: Exercise;
  /** by an action of the statement */
  by?: Readonly<Record<string, Exercise>>;
}

const HOUR_MS = 3_600_000;
const around = (): string => `from=${Date.now() - HOUR_MS}&to=${Date.now() + HOUR_MS}`;

const nearby: Exercise = async (scene) => showsNearby(scene, await scene.reported());

async function showsNearby(scene: Scene, { device, lat, lon }: Place): Promise<unknown> {
  return scene.sees(async () => {
    const { positions } = await scene.read(`/v1/nearby?lat=${lat}&lon=${lon}&radius=20`);
    return positions.some(({ vehicle }: { vehicle: string }) => vehicle === device);
  });
}

const reportOverSocket: Exercise = async (scene) => {
  const place = scene.place();
  const socket = await scene.socket(await scene.client.token(place.device, 'device'));
  const { lat, lon } = place;
  const answer = await socket.ask({ type: 'report', points: [{ time: Date.now(), lat, lon }] }, () => true);
  if (answer.accepted !== 1) throw new Error(JSON.stringify(answer));
  await showsNearby(scene, place);
};

const watch: Exercise = async (scene) => scene.watching(scene.place());

/** @returns once a client that watches has been told of the device */
async function toldOf(
  scene: Scene,
  frames: readonly { type: string; positions?: { vehicle: string }[] }[],
  device: string,
) {
  return scene.sees(async () =>
    frames.some(({ type, positions }) => type === 'positions' && positions?.some(({ vehicle }) => vehicle === device)),
  );
}

const push: Exercise = async (scene) => {
  const place = scene.place();
  const socket = await scene.watching(place);
  await scene.report(place);
  await toldOf(scene, socket.frames, place.device);
};

/** Shards are looked for when a mapping starts; those that are open are pushed from without it. */
const pushAnew: Exercise = async (scene) => {
  await scene.replay('LiveOnPositions');
  await push(scene);
};

/** A frame that could not be sent when its position came is sent by the sweep. */
const sendWhatWaits: Exercise = async (scene) => {
  const place = scene.place();
  const socket = await scene.watching(place);
  await scene.without('LiveOnPositions', 'execute-api:ManageConnections', async () => {
    await scene.report(place);
    await toldOf(scene, socket.frames, place.device).catch(() => undefined);
    // What could not be sent is noted as waiting when the function ends.
    await scene.client.settled();
  });
  await scene.begin();
  await scene.client.control('POST', 'schedules/LiveEveryMinute/fire');
  await toldOf(scene, socket.frames, place.device);
};

const found: Exercise = async (scene) => indexed(scene, (await scene.reported()).device);

async function indexed(scene: Scene, device: string, positions = 1): Promise<unknown> {
  return scene.sees(async () => {
    const answer = await scene.read(`/v1/search?devices=${device}&${around()}`);
    return answer.positions.length === positions && answer;
  });
}

/** A row that expires leaves the index too. */
const forgotten: Exercise = async (scene) => {
  const { device } = await scene.reported();
  await indexed(scene, device);
  const { positions } = await scene.read(`/v1/search?devices=${device}&${around()}`);
  await scene.expire(device, positions[0].time);
  await indexed(scene, device, 0);
};

/** A record that nobody can read is kept for the operator. */
const keeps =
  (name: string, poison: (scene: Scene, marker: string) => Promise<void>): Exercise =>
  async (scene) => {
    const marker = scene.place().device;
    await poison(scene, marker);
    await scene.sees(async () => {
      const failures: { functionArn: string; records: unknown[] }[] = await scene.client.control('GET', 'failures');
      return failures.some(
        ({ functionArn, records }) => functionArn.includes(name) && decoded(records).includes(marker),
      );
    });
  };

/** Records as text, those of a stream out of their base 64. */
function decoded(records: readonly unknown[]): string {
  const text = JSON.stringify(records);
  const data = [...text.matchAll(/"data":"([^"]+)"/g)].map(([, each = '']) => Buffer.from(each, 'base64').toString());
  return [text, ...data].join();
}

const poisonStream = (scene: Scene, marker: string) => scene.poisonStream(marker);
const poisonRides = (scene: Scene, marker: string) => scene.poisonRides(marker);
const poisonTable = (scene: Scene, marker: string) => scene.poisonTable(marker);

const openByTicket: Exercise = async (scene) => {
  const { body } = await scene.client.request('/v1/tickets', { method: 'POST', token: scene.operator });
  await scene.socketByTicket(body.ticket);
};

const searchOverSocket: Exercise = async (scene) => {
  const socket = await scene.socket();
  const now = Date.now();
  socket.send({ type: 'search', id: 'past', devices: inTableOnly, from: now - HOUR_MS, to: now + HOUR_MS });
  await scene.sees(async () => {
    const error = socket.frames.find(({ type }) => type === 'error');
    if (error) throw new Error(JSON.stringify(error));
    return socket.frames.some(({ type, positions }) => type === 'partition' && positions.length > 0);
  });
};

/** A device whose positions came while Valkey was away: only the table has them. */
let inTableOnly = '';

export async function prepare(scene: Scene): Promise<void> {
  const place = await scene.without('IngestOnPositions', 'elasticache:Connect', () => scene.reported());
  await scene.client.settled();
  inTableOnly = place.device;
}

/** What is accepted and not in the table yet is read from Valkey. */
const beforeTheTable =
  (path: (device: string) => string): Exercise =>
  (scene) =>
    scene.without('TracksOnPositions', 'kinesis:GetRecords', async () => {
      const { device } = await scene.reported();
      await scene.read(path(device));
    });

async function issued(scene: Scene, device: string): Promise<{ key: string; keyId: string }> {
  const { status, body, text } = await scene.client.request('/v1/devices', {
    token: scene.operator,
    body: { deviceId: device },
  });
  if (status !== 201) throw new Error(`${status}: ${text}`);
  return body;
}

/** Issues a key, finds it in the list and revokes it. */
const manageKeys: Exercise = async (scene) => {
  const { device } = scene.place();
  const { keyId } = await issued(scene, device);
  const { keys } = await scene.read(`/v1/devices/${device}/keys`);
  if (keys.length !== 1) throw new Error(JSON.stringify(keys));
  const path = `/v1/devices/${device}/keys/${keyId}`;
  const { status, text } = await scene.client.request(path, { method: 'DELETE', token: scene.operator });
  if (status !== 204) throw new Error(`${status}: ${text}`);
};

async function reportedByApp(scene: Scene): Promise<Place> {
  const place = scene.place();
  const { key } = await issued(scene, place.device);
  const { status, text } = await scene.client.request(`/v1/apps/osmand/${key}?lat=${place.lat}&lon=${place.lon}`);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return place;
}

/** A device that has been on its way for some minutes has the first of them corrected. */
const corrected: Exercise = async (scene) => {
  const { device, lat, lon } = scene.place();
  const points = Array.from({ length: 8 }, (_, index) => ({ time: Date.now() - (8 - index) * 60_000, lat, lon }));
  const token = await scene.client.token(device, 'device');
  const { status, text } = await scene.client.request('/v1/positions', { token, body: { taskId: TASK, points } });
  if (status !== 202) throw new Error(`${status}: ${text}`);
  await scene.sees(async () => {
    const { positions } = await scene.read(`/v1/tracks/${device}/${TASK}?view=corrected`);
    return positions.length > 0;
  });
};

/** A file that is uploaded becomes a ride. */
const importFile: Exercise = async (scene) => {
  const { device, lat, lon } = scene.place();
  const token = await scene.client.token(device, 'device');
  const properties = { coordTimes: [Date.now() - 1_000, Date.now()] };
  const geometry = {
    type: 'LineString',
    coordinates: [
      [lon, lat],
      [lon, lat],
    ],
  };
  const file = JSON.stringify({ type: 'Feature', geometry, properties });
  const { status, body } = await scene.client.request('/v1/rides/import', { token, body: { size: file.length } });
  if (status !== 201) throw new Error(String(status));
  const put = await fetch(body.upload.url, { method: 'PUT', body: file });
  if (!put.ok) throw new Error(String(put.status));
  await scene.sees(async () => {
    const report = await scene.client.request(`/v1/imports/${body.id}`, { token });
    return report.body.state === 'imported';
  });
};

/** One exercise at least for each function of the template, by its name without the hash. */
export const exercises: Readonly<Record<string, Exercises>> = {
  AccessOnTicket: {
    usual: async (scene) => {
      const { status } = await scene.client.request('/v1/tickets', { method: 'POST', token: scene.operator });
      if (status !== 201) throw new Error(String(status));
    },
  },
  AccessOnAuthorize: { usual: openByTicket },
  AccessOnConnect: { usual: (scene) => scene.socket() },
  CorrectionOnJournal: {
    usual: corrected,
    by: {
      's3:PutObject': keeps('CorrectionOnJournal', poisonRides),
      's3:ListBucket': keeps('CorrectionOnJournal', poisonRides),
    },
  },
  DevicesOnKeys: { usual: manageKeys },
  IngestOnApp: {
    usual: reportedByApp,
    by: { 'elasticache:Connect': async (scene) => showsNearby(scene, await reportedByApp(scene)) },
  },
  IngestOnPositions: { usual: (scene) => scene.reported(), by: { 'elasticache:Connect': nearby } },
  IngestOnReport: { usual: reportOverSocket },
  LiveOnPositions: {
    usual: push,
    by: {
      'kinesis:GetShardIterator': pushAnew,
      's3:PutObject': keeps('LiveOnPositions', poisonStream),
      's3:ListBucket': keeps('LiveOnPositions', poisonStream),
    },
  },
  LiveOnSocket: { usual: watch },
  LiveOnSweep: { usual: sendWhatWaits },
  LatestOnPosition: {
    usual: async (scene) => scene.read(`/v1/devices/${(await scene.reported()).device}/position`),
    by: {
      'dynamodb:Query': (scene) => scene.read(`/v1/devices/${inTableOnly}/position`),
      'elasticache:Connect': beforeTheTable((device) => `/v1/devices/${device}/position`),
    },
  },
  LatestOnNearby: { usual: (scene) => scene.read('/v1/nearby?lat=41&lon=-8') },
  TracksOnPositions: {
    usual: found,
    by: {
      's3:PutObject': keeps('TracksOnPositions', poisonStream),
      's3:ListBucket': keeps('TracksOnPositions', poisonStream),
    },
  },
  TracksOnRead: {
    usual: async (scene) => {
      await scene.read(`/v1/devices/${inTableOnly}/tracks?${around()}`);
      await scene.read(`/v1/tracks/${inTableOnly}/${TASK}?order=arrival`);
    },
    by: { 'elasticache:Connect': beforeTheTable((device) => `/v1/tracks/${device}/${TASK}`) },
  },
  SearchOnRows: {
    usual: found,
    by: {
      'es:ESHttpHead': forgotten,
      's3:PutObject': keeps('SearchOnRows', poisonTable),
      's3:ListBucket': keeps('SearchOnRows', poisonTable),
    },
  },
  SearchOnSearch: { usual: (scene) => scene.read(`/v1/search?devices=${inTableOnly}&${around()}`) },
  SearchOnSocket: { usual: searchOverSocket },
  CredentialsOnCredentials: { usual: getsCredentials },
  RidesOnRides: { usual: ridesAre },
  RidesOnRows: {
    usual: countsRides,
    by: {
      'kinesis:PutRecords': relaysRows,
      's3:PutObject': async (scene) => {
        await countsRides(scene);
        await keeps('RidesOnRows', poisonRow)(scene);
      },
      's3:ListBucket': keeps('RidesOnRows', poisonRow),
    },
  },
  FilesOnImport: { usual: importFile },
  FilesOnUpload: { usual: importFile },
  ReferenceOnDocument: { usual: (scene) => scene.read('/v1/openapi.json') },
};
