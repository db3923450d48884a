import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ImportReport, importReportSchema, importTicketSchema } from '../../lambdas/contract/imports';
import { eventually, StackClient, startedStack } from './stack';

jest.setTimeout(180_000);

const DAY_MS = 86_400_000;
let client: StackClient;

beforeAll(async () => {
  client = new StackClient(await startedStack('proofs'));
});

/** A fixture as if it had been recorded a day ago: its times moved by whole days. */
function recent(name: string): string {
  const text = readFileSync(join(__dirname, '..', 'fixtures', 'gpx', `${name}.gpx`), 'utf8');
  const times = [...text.matchAll(/<trkpt[\s\S]*?<time>([^<]*)/g)].map(([, time = '']) => Date.parse(time));
  const days = Math.floor((Date.now() - Math.max(...times)) / DAY_MS) - 1;
  return text.replace(
    /<time>([^<]*)/g,
    (_, time: string) => `<time>${new Date(Date.parse(time) + days * DAY_MS).toISOString()}`,
  );
}

async function ticketFor(owner: string, size: number) {
  const token = await client.token(owner, 'device');
  const answer = await client.request('/v1/rides/import', { token, body: { size } });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`/v1/imports/${answer.body.id}`);
  return importTicketSchema.parse(answer.body);
}

const upload = (url: string, body: string) => fetch(url, { method: 'PUT', body });

async function reportOf(owner: string, id: string): Promise<ImportReport> {
  const answer = await client.request(`/v1/imports/${id}`, { token: await client.token(owner, 'device') });
  expect(answer.status).toBe(200);
  return importReportSchema.parse(answer.body);
}

/** Uploads a file and waits for the report on it. */
async function imported(owner: string, file: string): Promise<ImportReport> {
  const { id, upload: where } = await ticketFor(owner, Buffer.byteLength(file));
  expect((await reportOf(owner, id)).state).toBe('waiting');
  expect((await upload(where.url, file)).status).toBe(200);
  return eventually(async () => {
    const report = await reportOf(owner, id);
    return report.finishedAt !== undefined && report;
  }, 60_000);
}

async function track(owner: string, task: string, format: string): Promise<string> {
  const token = await client.token(owner, 'device');
  const { status, text } = await client.request(`/v1/tracks/${owner}/${task}?limit=10000&format=${format}`, { token });
  expect(status).toBe(200);
  return text;
}

const positions = async (owner: string, task: string): Promise<{ time: number; task: string }[]> =>
  JSON.parse(await track(owner, task, 'json')).positions;

test('a file becomes rides; imported again it changes nothing', async () => {
  const owner = 'files-hiker';
  const file = recent('korita-zbevnica');
  const report = await imported(owner, file);
  expect(report).toMatchObject({ state: 'imported', format: 'gpx', complete: true, accepted: 513 });
  expect(report.refused).toMatchObject([{ code: 'time_missing', count: 358 }]);
  expect(report.ignored).toMatchObject([{ code: 'wpt', count: 2 }]);
  await client.settled();
  const read = async () => Promise.all((report.rides ?? []).map(({ task }) => positions(owner, task)));
  const before = await read();
  expect(before.map(({ length }) => length)).toEqual([176, 337]);
  const token = await client.token(owner, 'device');
  const rides = (report.rides ?? []).map(({ task }) => client.request(`/v1/rides/${task}`, { token }));
  expect((await Promise.all(rides)).map(({ body }) => body.statistics?.points)).toEqual([176, 337]);
  const again = await imported(owner, file);
  expect(again.rides).toEqual(report.rides);
  await client.settled();
  expect(await read()).toEqual(before);
});

test('what is exported is imported as it was, and CSV has a line a point', async () => {
  const [owner, other] = ['files-driver', 'files-copy'];
  const [ride] = (await imported(owner, recent('around-visnjan-with-car'))).rides ?? [];
  const task = ride?.task ?? '';
  await client.settled();
  const before = await positions(owner, task);
  expect(before).toHaveLength(104);
  for (const format of ['gpx', 'geojson']) {
    const report = await imported(other, await track(owner, task, format));
    // A ride's task is made of its points.
    expect(report.rides?.map((each) => each.task)).toEqual([task]);
    expect(report).toMatchObject({ accepted: 104, refused: [], ignored: [] });
  }
  await client.settled();
  expect(await positions(other, task)).toEqual(before);
  const [head, ...lines] = (await track(owner, task, 'csv')).trim().split('\r\n');
  expect(head).toBe('task,time,lat,lon,altitude,speed,heading,accuracy,attributes');
  expect(lines).toHaveLength(104);
});

test('a bomb of entities takes nothing and is told', async () => {
  const bomb = '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>';
  const report = await imported('files-bomber', bomb);
  expect(report).toMatchObject({ state: 'failed', accepted: 0, problem: { code: 'dtd_refused' } });
});

test('a ride older than positions are kept is refused, and told why', async () => {
  const file = readFileSync(join(__dirname, '..', 'fixtures', 'gpx', 'track-with-empty-segment.gpx'), 'utf8');
  const report = await imported('files-veteran', file);
  expect(report).toMatchObject({ state: 'failed', problem: { code: 'nothing_valid' } });
  expect(report.refused).toMatchObject([{ code: 'time_too_old', count: 9 }]);
});

test('an address takes the one object in the one size, from nobody who alters it', async () => {
  const owner = 'files-forger';
  const { upload: where, id } = await ticketFor(owner, 10);
  expect((await upload(where.url, 'x'.repeat(11))).status).toBe(403);
  expect(
    (
      await upload(
        where.url.replace(
          id,
          id.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        ),
        'x'.repeat(10),
      )
    ).status,
  ).toBe(403);
  expect((await upload(where.url.replace(owner, 'files-hiker'), 'x'.repeat(10))).status).toBe(403);
  expect((await fetch(where.url)).status).toBe(403);
  expect((await reportOf(owner, id)).state).toBe('waiting');
});

test.each([
  ['too large a file', { size: 20 * 1024 * 1024 + 1 }, 400, 'out_of_range', '/size'],
  ['an empty file', { size: 0 }, 400, 'out_of_range', '/size'],
  ['no size', {}, 400, 'required', '/size'],
  ['something else besides', { size: 1, name: 'x' }, 400, 'unknown_field', '/name'],
])('%s is refused before it is uploaded', async (_, body, status, code, pointer) => {
  const token = await client.token('files-asker', 'device');
  const answer = await client.request('/v1/rides/import', { token, body });
  expect([answer.status, answer.body.code, answer.body.pointer]).toEqual([status, code, pointer]);
});

test('a report is its owner’s, and imports are devices’', async () => {
  const { id } = await ticketFor('files-owner', 10);
  const asked = async (path: string, sub: string, role: 'device' | 'viewer') => {
    const { status, body } = await client.request(path, { token: await client.token(sub, role) });
    return [status, body.code];
  };
  expect(await asked(`/v1/imports/${id}`, 'files-other', 'device')).toEqual([404, 'import_not_found']);
  expect(await asked(`/v1/imports/${id}`, 'files-owner', 'viewer')).toEqual([403, 'role_missing']);
  expect(await asked('/v1/imports/not-an-id', 'files-owner', 'device')).toEqual([400, 'invalid_parameter']);
});
