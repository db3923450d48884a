/**
 * A sorted set by GEO score is a quadtree: each cell of a finer level is a range of scores. A node is such a cell:
 * its first score, level, column and row.
 */
export const tree = `
local near, times = KEYS[1], KEYS[2]
local LEAF, FINEST = 32, 26
local visited, commands = 0, 0

local function call(...)
  commands = commands + 1
  return redis.call(...)
end

local function range(node)
  local from = string.format('%.0f', node.score)
  return from, string.format('(%.0f', node.score + 4 ^ (FINEST - node.level))
end

local function box(node)
  local cells = 2 ^ node.level
  local function lon(x) return -180 + x / cells * 360 end
  local function lat(y) return -85.05112878 + y / cells * 170.10225756 end
  return lon(node.x), lat(node.y), lon(node.x + 1), lat(node.y + 1)
end

local function child(node, digit)
  local dx = math.floor(digit / 2)
  return {
    score = node.score + digit * 4 ^ (FINEST - node.level - 1), level = node.level + 1,
    x = 2 * node.x + dx, y = 2 * node.y + digit % 2,
  }
end

-- Calls back with each fresh entry of a node, page by page, until it answers true or the budget is spent.
-- Answers whether it stopped before the end.
local function entries(node, page, notBefore, budget, each)
  local from, to = range(node)
  local offset = 0
  while true do
    local devices = call('ZRANGEBYSCORE', near, from, to, 'LIMIT', offset, page)
    if #devices == 0 then return false end
    visited = visited + #devices
    offset = offset + #devices
    local seen = call('ZMSCORE', times, unpack(devices))
    local places = call('GEOPOS', near, unpack(devices))
    for i, device in ipairs(devices) do
      if seen[i] and tonumber(seen[i]) >= notBefore then
        if each(device, seen[i], tonumber(places[i][2]), tonumber(places[i][1])) then return true end
      end
    end
    if #devices < page then return false end
    if visited >= budget then return true end
  end
end
`;
