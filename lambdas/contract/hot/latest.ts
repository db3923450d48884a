import { z } from 'zod';
import { type Command, defineScript, type Valkey } from '../../platform/valkey';
import { encodeBatch, type PositionBatch, packedPointSchema, packPoint } from '../batch';
import type { Position } from '../position';
import { tailKeys, tailLimits } from './tail';

/** The newest position of a device. */
export interface Latest {
  device: string;
  task: string;
  /** Who reported it, where it was not the device itself. */
  by?: string;
  position: Position;
}

/** How long a newest position is kept (ms). */
export const LATEST_TTL_MS = 3_600_000;

const latestKey = (device: string) => `latest:{${device}}`;

/**
 * Advances `latest` where the time is newer, and appends to the tail, whose oldest entries go when they are too old,
 * too many or too large. An entry reads `<accepted at> <batch as JSON>`; an empty one is not appended. Answers 1 where
 * `latest` advanced.
 */
const acceptScript = defineScript(`
local latest, tail, size = KEYS[1], KEYS[2], KEYS[3]
local time, point, task, by, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local at, entry = tonumber(ARGV[6]), ARGV[7]
local tailTtl, maxEntries, maxBytes = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])

if entry ~= '' then
  local entries = redis.call('RPUSH', tail, entry)
  local bytes
  if entries == 1 then
    bytes = #entry
    redis.call('SET', size, bytes)
  else
    bytes = redis.call('INCRBY', size, #entry)
  end
  while entries > 1 do
    local head = redis.call('LINDEX', tail, 0)
    if entries <= maxEntries and bytes <= maxBytes and tonumber(string.match(head, '^%d+')) > at - tailTtl then break end
    redis.call('LPOP', tail)
    bytes = redis.call('DECRBY', size, #head)
    entries = entries - 1
  end
  redis.call('PEXPIRE', tail, tailTtl)
  redis.call('PEXPIRE', size, tailTtl)
end

local known = redis.call('HGET', latest, 'time')
if known and tonumber(known) >= tonumber(time) then return 0 end
redis.call('HSET', latest, 'time', time, 'point', point, 'task', task, 'by', by)
redis.call('PEXPIRE', latest, ttl)
return 1
`);

/** @returns the newest point of a batch; of two of the same time, the first */
export const newestOf = (points: readonly Position[]): Position | undefined =>
  points.reduce<Position | undefined>(
    (newest, point) => (newest && newest.time >= point.time ? newest : point),
    undefined,
  );

/** The command that takes an accepted batch into `latest` and the tail: one device's batch, one script. */
export function acceptCommand(batch: PositionBatch): Command[] {
  const newest = newestOf(batch.points);
  if (newest === undefined) return [];
  // What stands in the table already is not kept for those who wait for it to get there.
  const entry = batch.stored ? '' : `${batch.at} ${new TextDecoder().decode(encodeBatch(batch))}`;
  return [
    {
      script: acceptScript,
      keys: [latestKey(batch.device), ...tailKeys(batch.device)],
      args: [
        newest.time,
        JSON.stringify(packPoint(newest)),
        batch.task,
        batch.by ?? '',
        LATEST_TTL_MS,
        batch.at,
        entry,
        tailLimits.ttlMs,
        tailLimits.entries,
        tailLimits.bytes,
      ],
    },
  ];
}

const hashSchema = z.union([
  z.tuple([z.null(), z.null(), z.null()]).transform(() => undefined),
  z.tuple([
    z.string().transform((text, context) => {
      try {
        return packedPointSchema.parse(JSON.parse(text));
      } catch {
        context.addIssue('not a packed point');
        return z.NEVER;
      }
    }),
    z.string(),
    z.string(),
  ]),
]);

/** @returns the newest position of each device that has one; one round trip. @throws ValkeyUnavailable */
export async function readLatest(valkey: Valkey, devices: readonly string[]): Promise<Map<string, Latest>> {
  const replies = await valkey.run(
    devices.map((device): Command => ['HMGET', latestKey(device), 'point', 'task', 'by']),
  );
  const found = new Map<string, Latest>();
  for (const [index, device] of devices.entries()) {
    const hash = hashSchema.parse(replies[index]);
    if (hash === undefined) continue;
    const [position, task, by] = hash;
    found.set(device, { device, task, position, ...(by !== '' && { by }) });
  }
  return found;
}
