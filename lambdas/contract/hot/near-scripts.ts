import { defineScript } from '../../platform/valkey';

/**
 * KEYS near, neart. ARGV ttl, then device, time, score of each position. An entry moves only to a newer time.
 */
export const updateScript = defineScript(`
for i = 2, #ARGV, 3 do
  local known = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if not known or tonumber(known) < tonumber(ARGV[i + 1]) then
    redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i])
    redis.call('ZADD', KEYS[1], ARGV[i + 2], ARGV[i])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return 0
`);

/**
 * Takes the entries of one cell that are older than a cutoff out.
 * KEYS near, neart. ARGV cutoff, most to take. Answers how many are left, then device, time, lon and lat of each taken.
 */
export const removeScript = defineScript(`
local stale = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local devices, answer = {}, {}
for i = 1, #stale, 2 do devices[#devices + 1] = stale[i] end
if #devices > 0 then
  local places = redis.call('GEOPOS', KEYS[1], unpack(devices))
  for i, device in ipairs(devices) do
    if places[i] then
      for _, part in ipairs({ device, stale[2 * i], places[i][1], places[i][2] }) do answer[#answer + 1] = part end
    end
  end
  redis.call('ZREM', KEYS[1], unpack(devices))
  redis.call('ZREM', KEYS[2], unpack(devices))
end
return { redis.call('ZCARD', KEYS[2]), unpack(answer) }
`);
