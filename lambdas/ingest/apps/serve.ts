import { appNameSchema } from '../../contract/apps';
import { digestOf, formatKey, type KeyItem } from '../../contract/device-key';
import { BadRequest, Forbidden, NotFound, Unauthorized, Unavailable } from '../../contract/errors';
import { type Latest, readLatest } from '../../contract/hot/latest';
import type { Identity } from '../../contract/identity';
import { limits } from '../../contract/limits';
import type { Receipt } from '../../contract/reports';
import { type HttpAnswer, json, type OpenRequest, readBody } from '../../platform/http';
import { putMetrics } from '../../platform/metrics';
import type { Valkey } from '../../platform/valkey';
import { type Ingest, record } from '../take';
import { apps } from '.';
import type { App, AppReport, Message } from './app';
import type { Keys } from './keys';
import { presentedKey } from './presented';

export interface AppDoor extends Ingest {
  env: Ingest['env'] & { APP_RATE: number; APP_BURST: number };
  keys: Keys;
  valkey: Valkey;
}

function appOf(name: string | undefined): App {
  const found = appNameSchema.safeParse(name);
  if (found.success) return apps[found.data];
  throw new NotFound(`There is no such app here: ${appNameSchema.options.join(', ')}.`, 'app_unknown');
}

const unknownKey = () =>
  new Unauthorized('key_unknown', 'No device key came with this, or one that is unknown or revoked.');

/**
 * Who holds the key. What any number of wrong keys from one address cost is bounded before the table is read; a limit
 * for the key that was shown, and not for the device that it names, keeps a stranger from using up a device's.
 * @throws Unauthorized (`key_unknown`), Unavailable (`rate_limited`, `store_unavailable`)
 */
async function holderOf(door: AppDoor, { path, headers, sourceIp, now }: OpenRequest): Promise<KeyItem> {
  const { env, limiter, keys } = door;
  const key = presentedKey({ key: path.key, authorization: headers.authorization });
  if (!key) throw unknownKey();
  const wait = await limiter.take(
    [
      { key: `app:${digestOf(formatKey(key))}`, ratePerSecond: env.APP_RATE, burst: env.APP_BURST },
      { key: `address:${sourceIp}`, ratePerSecond: env.ADDRESS_RATE, burst: env.ADDRESS_BURST },
    ],
    now,
  );
  if (wait > 0) throw new Unavailable('rate_limited', 'Messages come too fast.', Math.ceil(wait / 1_000));
  const holder = await keys.find(key);
  if (!holder) throw unknownKey();
  return holder;
}

/** @throws Forbidden where a phone's key is used for a feed, or a feed's for a phone */
function mustSpeakAs(role: App['role'], holder: KeyItem): void {
  if (holder.role === role) return;
  throw new Forbidden('role_missing', `This app needs a key with the role ${role}.`);
}

const pointsOf = (report: AppReport): number =>
  'points' in report ? report.points.length : report.devices.reduce((sum, { points }) => sum + points.length, 0);

/** @throws BadRequest (`too_many_points`, `malformed_json`, `not_understood`, …) */
function reportsOf(app: App, message: Message): AppReport[] {
  const reports = app.read(message);
  const count = reports.reduce((sum, report) => sum + pointsOf(report), 0);
  if (count <= limits.pointsPerAppMessage) return reports;
  const detail = `There are ${count} points; a message has at most ${limits.pointsPerAppMessage}.`;
  throw new BadRequest('too_many_points', detail);
}

/**
 * What holds is taken. What does not is counted and no error: the app would send it again and again, and nothing after
 * it. @throws Unavailable (`stream_unavailable`); sending all of it again is safe
 */
async function takeAll(door: AppDoor, reports: readonly AppReport[], sender: Parameters<typeof record>[2]) {
  const all: Receipt = { accepted: 0, refused: [], serverTime: sender.now };
  for (const report of reports) {
    const { accepted, refused } = await record(door, report, sender);
    all.accepted += accepted;
    all.refused.push(...refused);
  }
  if (all.refused.length > 0) putMetrics('ingest', { AppPointsRefused: all.refused.length });
  return { ...all, refused: all.refused.slice(0, 20) };
}

/** Whom an app shows beside its holder; nobody while Valkey is away, or for an hour after their last report. */
async function friendsOf({ valkey }: AppDoor, { friends = [] }: KeyItem): Promise<Latest[]> {
  if (friends.length === 0) return [];
  const found = await readLatest(valkey, friends).catch(() => new Map<string, Latest>());
  return [...found.values()];
}

/** Takes an app's message in, and answers what the app wants to hear. @throws Problem */
export async function serve(door: AppDoor, request: OpenRequest): Promise<HttpAnswer> {
  const app = appOf(request.path.app);
  const holder = await holderOf(door, request);
  mustSpeakAs(app.role, holder);
  const { now, sourceIp, query } = request;
  const body = readBody(request.event, limits.appBodyBytes);
  const message = { sender: holder.device, query, body, now };
  const identity: Identity = { sub: holder.device, roles: new Set([holder.role]) };
  const receipt = await takeAll(door, reportsOf(app, message), { identity, sourceIp, now });
  const friends = app.showsFriends ? await friendsOf(door, holder) : [];
  return json(200, app.answer({ receipt, friends }), { 'cache-control': 'no-store' });
}
