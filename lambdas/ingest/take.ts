import type { z } from 'zod';
import { Unavailable, Unprocessable } from '../contract/errors';
import { type Identity, requireRole } from '../contract/identity';
import type { Receipt } from '../contract/reports';
import { DAY_MS } from '../contract/time';
import type { Limiter } from '../platform/limiter';
import { decide } from './decide';
import type { ingestEnv } from './env';
import { type Envelope, isFeederReport, openDeviceReport, openFeederReport } from './envelope';
import type { Positions } from './store';

export interface Ingest {
  env: z.infer<typeof ingestEnv>;
  limiter: Limiter;
  positions: Positions;
}

/** Who reports, from where, and when. */
export interface Sender {
  identity: Identity;
  sourceIp: string;
  now: number;
}

/** Before anything is read of a report. @throws Forbidden (`role_missing`), Unavailable (`rate_limited`) */
export async function admit({ env, limiter }: Ingest, { identity, sourceIp, now }: Sender): Promise<void> {
  requireRole(identity, 'device', 'feeder');
  if (identity.roles.has('feeder')) return;
  const wait = await limiter.take(
    [
      { key: `device:${identity.sub}`, ratePerSecond: env.DEVICE_RATE, burst: env.DEVICE_BURST },
      { key: `address:${sourceIp}`, ratePerSecond: env.ADDRESS_RATE, burst: env.ADDRESS_BURST },
    ],
    now,
  );
  if (wait === 0) return;
  const detail = 'Reports come too fast. Put several points into one report, and wait before the next.';
  throw new Unavailable('rate_limited', detail, Math.ceil(wait / 1_000));
}

/** A feeder speaks for its devices, a device for itself. @throws Forbidden, BadRequest */
function open(body: unknown, identity: Identity): Envelope {
  if (isFeederReport(body)) {
    requireRole(identity, 'feeder');
    return openFeederReport(body);
  }
  requireRole(identity, 'device');
  return openDeviceReport(body, identity.sub);
}

/**
 * Judges each point of a report, writes what is accepted to the stream, then tells the hot stores.
 * @returns what came of it, be it that nothing was accepted
 * @throws Forbidden, BadRequest, Unavailable (`stream_unavailable`)
 */
export async function record({ env, positions }: Ingest, body: unknown, { identity, now }: Sender): Promise<Receipt> {
  const circumstances = {
    now,
    retentionMs: env.RETENTION_DAYS * DAY_MS,
    ...(isFeederReport(body) && { by: identity.sub }),
  };
  const { batches, accepted, refused } = decide(open(body, identity), circumstances);
  if (accepted > 0) {
    await positions.append(batches);
    await positions.publish(batches, now);
  }
  return { accepted, refused, serverTime: now };
}

/** Takes a report in. @throws Problem where nothing could be taken */
export async function take(ingest: Ingest, body: unknown, sender: Sender): Promise<Receipt> {
  const receipt = await record(ingest, body, sender);
  if (receipt.accepted > 0) return receipt;
  const detail = 'None of the points could be accepted; “refused” says why.';
  throw new Unprocessable('nothing_valid', detail, { refused: receipt.refused, serverTime: sender.now });
}
