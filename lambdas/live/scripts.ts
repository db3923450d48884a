import { defineScript } from '../platform/valkey';

/** Entries of a record of subscriptions are members by subscription id; this one only says that the record exists. */
export const MARK = '';

/**
 * Puts a subscription into its connection's record in place of the one with the same id.
 * KEYS record, waiting · ARGV id, member, most, TTL (ms) · replies 1 and the member replaced, or 0 where there are too many
 */
export const register = defineScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], '', '1')
if not old and redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) then return {0, ''} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local prefix = ARGV[1] .. '|'
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(field, 1, #prefix) == prefix then redis.call('HDEL', KEYS[2], field) end
end
if old == ARGV[2] then old = '' end
return {1, old or ''}`);

/**
 * Takes a subscription out of its connection's record, and what waits for it.
 * KEYS record, waiting · ARGV id · replies the member, or ''
 */
export const unregister = defineScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
local prefix = ARGV[1] .. '|'
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(field, 1, #prefix) == prefix then redis.call('HDEL', KEYS[2], field) end
end
return old or ''`);

/**
 * Puts a member into a topic, and those out whose time is over.
 * KEYS topic · ARGV member, expiry, now, TTL (ms)
 */
export const join = defineScript(`
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`);

/**
 * Moves a device on, never back: of two positions of one time the first stays.
 * KEYS place · ARGV time, place, TTL (ms) · replies the place before ('' where there was none), or null where the
 * device has been seen later
 */
export const advance = defineScript(`
local old = redis.call('GET', KEYS[1])
if old then
  local known = tonumber(string.match(old, '^%d+'))
  if known > tonumber(ARGV[1]) then return false end
  if known == tonumber(ARGV[1]) then return old end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return old or ''`);

/**
 * Forgets a device that has been silent.
 * KEYS place · ARGV since (ms) · replies its last place ('' where there was none), or null where it has been seen since
 */
export const retire = defineScript(`
local old = redis.call('GET', KEYS[1])
if not old then return '' end
if tonumber(string.match(old, '^%d+')) > tonumber(ARGV[1]) then return false end
redis.call('DEL', KEYS[1])
return old`);

/** Merges what waits under KEYS[from] into KEYS[to]: of two changes of a vehicle the later one counts. */
const merge = `
local function later(a, b)
  return tonumber(string.match(a, '^%d+')) > tonumber(string.match(b, '^%d+'))
end
local function put(key, field, value)
  local old = redis.call('HGET', key, field)
  if not old or not later(old, value) then redis.call('HSET', key, field, value) end
end
local function giveBack(record, from, to)
  local all = redis.call('HGETALL', from)
  for i = 1, #all, 2 do
    local id = string.match(all[i], '^[^|]*')
    if redis.call('HEXISTS', record, id) == 1 then put(to, all[i], all[i + 1]) end
  end
  redis.call('DEL', from)
end`;

/**
 * Lets changes wait for a client, and takes all that waits where it is this sender's turn. Changes for a subscription
 * that its connection no longer has are left out. What a sender took and never got rid of (it died) is merged back.
 * KEYS record, waiting, taken, turn · ARGV sender, how long it may take (ms), TTL (ms), number of subscriptions,
 * (id, member) of each, then (number of the subscription, vehicle, at, position as JSON or '') of each change ·
 * replies ['nothing'], ['busy', ms] while another sends, ['resting', ms] between frames, or ['taken', field, value, …]
 */
export const offer = defineScript(`${merge}
local count = tonumber(ARGV[4])
local ids = {}
for i = 1, count do
  local id = ARGV[3 + 2 * i]
  if redis.call('HGET', KEYS[1], id) == ARGV[4 + 2 * i] then ids[i] = id end
end
for i = 5 + 2 * count, #ARGV, 4 do
  local id = ids[tonumber(ARGV[i])]
  if id then put(KEYS[2], id .. '|' .. ARGV[i + 1], ARGV[i + 2] .. '|' .. ARGV[i + 3]) end
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local turn = redis.call('GET', KEYS[4])
local again = turn == ARGV[1]
if turn and not again then
  if redis.call('EXISTS', KEYS[2]) == 0 then return {'nothing'} end
  return {turn == 'rest' and 'resting' or 'busy', redis.call('PTTL', KEYS[4])}
end
if redis.call('EXISTS', KEYS[3]) == 1 then giveBack(KEYS[1], KEYS[3], KEYS[2]) end
if redis.call('EXISTS', KEYS[2]) == 0 then return {'nothing'} end
redis.call('SET', KEYS[4], ARGV[1], 'PX', ARGV[2])
redis.call('RENAME', KEYS[2], KEYS[3])
local reply = redis.call('HGETALL', KEYS[3])
table.insert(reply, 1, 'taken')
return reply`);

/**
 * Keeps others from sending to a client, though it be resting.
 * KEYS turn · ARGV sender, how long (ms) · replies 0, or the ms for which another is sending
 */
export const hold = defineScript(`
local turn = redis.call('GET', KEYS[1])
if turn and turn ~= 'rest' and turn ~= ARGV[1] then return redis.call('PTTL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`);

/**
 * Ends a sender's turn: the client rests, what was not sent waits again.
 * KEYS record, waiting, taken, turn · ARGV sender, rest (ms), 1 where the frames were sent · replies 1 where something waits
 */
export const release = defineScript(`${merge}
if redis.call('GET', KEYS[4]) == ARGV[1] then
  if ARGV[3] == '1' then redis.call('DEL', KEYS[3]) else giveBack(KEYS[1], KEYS[3], KEYS[2]) end
  redis.call('SET', KEYS[4], 'rest', 'PX', ARGV[2])
end
return redis.call('EXISTS', KEYS[2])`);

/**
 * Takes clients out that are due.
 * KEYS owed · ARGV now, most · replies connections
 */
export const takeDue = defineScript(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end
return due`);
