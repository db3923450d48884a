import { type CredentialsRequest, type DirectWrite, writableAttributes } from '../contract/credentials';
import { Forbidden } from '../contract/errors';
import { type Identity, requireRole } from '../contract/identity';
import { limits } from '../contract/limits';
import { DAY_MS, utcDay } from '../contract/time';
import { minuteKey, rowExpiry, trackAttributes, trackKey } from '../contract/track-row';

const { track, minute, expires } = trackAttributes;

/** Longest plain text of a session policy. Source: "AssumeRole", STS API reference, Policy. */
const POLICY_LIMIT = 2_048;

/**
 * The policy of one session: UpdateItem on one item collection, on the attributes of a row, answering nothing. A set
 * operator holds for no values as well, so that a key that is missing is refused by name; a transaction would cost
 * double. Source: "Using IAM policy conditions for fine-grained access control", DynamoDB developer guide; "Set
 * operators for multivalued context keys", IAM user guide.
 * @param tableArn of the `tracks` table
 * @throws RangeError where the ids could mean more than themselves in a policy
 */
export function sessionPolicy(tableArn: string, device: string, task: string): string {
  const key = trackKey(device, task);
  if (!/^[\w.:-]+#[\w.:-]+$/.test(key)) throw new RangeError('a session policy takes plain ids only');
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'dynamodb:UpdateItem',
        Resource: tableArn,
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [key] },
          'ForAllValues:StringLike': { 'dynamodb:Attributes': writableAttributes },
          Null: {
            'dynamodb:LeadingKeys': 'false',
            'dynamodb:Attributes': 'false',
            'dynamodb:EnclosingOperation': 'true',
          },
          StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
        },
      },
    ],
  });
  if (policy.length > POLICY_LIMIT) throw new RangeError(`a session policy of ${policy.length} characters`);
  return policy;
}

/**
 * The session's name, by which CloudTrail tells devices apart: ids have colons, which names may not, and may be one
 * character long. No two devices share one, as no id has `=` or `@`. Source: "AssumeRole", RoleSessionName.
 */
export const sessionName = (device: string): string => device.replaceAll(':', '=').padEnd(2, '@');

/** Whose rows are asked for. @throws Forbidden unless the caller is the device */
export function ownDevice(identity: Identity, { deviceId }: CredentialsRequest): string {
  requireRole(identity, 'device');
  if (deviceId === undefined || deviceId === identity.sub) return identity.sub;
  throw new Forbidden('not_yours', 'A device writes its own rows only: the token is of another one.');
}

/** @returns whether a task is the local day of somebody at this moment: such tasks begin by themselves */
export function isCurrentDay(task: string, now: number): boolean {
  return [-DAY_MS, 0, DAY_MS].some((shift) => utcDay(now + shift) === task);
}

/** @param refused points of today that could not stay @throws Forbidden where they are too many */
export function requireTrust(refused: number, limit: number): void {
  if (refused < limit) return;
  const detail =
    `${refused} points that this device wrote by itself today could not stay, so it gets no credentials until the next ` +
    'UTC day. Report through POST /v1/positions, which says what is wrong with each point.';
  throw new Forbidden('direct_write_suspended', detail);
}

/** What STS has issued. */
export interface Issued {
  credentials: DirectWrite['credentials'];
  expiresAt: number;
}

/** Where the rows are. */
export interface Place {
  table: string;
  region: string;
  endpoint: string | undefined;
  retentionDays: number;
}

/**
 * The answer to a device. It is to renew half-way, so that we may be away for as long as the other half; devices that
 * began together don't come back together.
 * @param random from 0 to 1
 */
export function toAnswer(
  { credentials, expiresAt }: Issued,
  { table, region, endpoint, retentionDays }: Place,
  { device, task, now, random }: { device: string; task: string; now: number; random: number },
): DirectWrite {
  const first = minuteKey(0);
  return {
    credentials,
    expiresAt,
    renewAt: Math.round(now + (expiresAt - now) * (0.4 + 0.1 * random)),
    region,
    ...(endpoint !== undefined && { endpoint }),
    table,
    row: {
      partitionKey: { name: track, value: trackKey(device, task) },
      sortKey: { name: minute, prefix: first.slice(0, 1), digits: first.length - 1 },
      expires: { name: expires, secondsAfterMinute: rowExpiry(0, retentionDays) },
      point: { prefix: 'p' },
      pointsPerUpdate: 100,
      updateExpression: 'SET #e = if_not_exists(#e, :e), p15000 = if_not_exists(p15000, :0)',
    },
    futureToleranceMs: limits.futureToleranceMs,
    serverTime: now,
  };
}
