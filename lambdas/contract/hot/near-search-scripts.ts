import { defineScript } from '../../platform/valkey';
import { tree } from './near-tree-script';

/**
 * The nearest entries of one cell, by best-first search: what may be nearest is looked at first, so nothing further
 * away than the last answer is.
 * KEYS near, neart. ARGV score, level, column and row of the cell; lat, lon, radius (m), limit, notBefore, budget of
 * entries and commands. Answers complete (0 or 1: whether there is nothing more within the radius), how far it has
 * looked (m), entries and commands spent, then device and time of each.
 * Source of the bound: agafonkin's geokdbush (ISC), boxDist and vertexLat.
 */
export const nearestScript = defineScript(`${tree}
local root = { score = tonumber(ARGV[1]), level = tonumber(ARGV[2]), x = tonumber(ARGV[3]), y = tonumber(ARGV[4]) }
local lat, lon, radius, limit = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local notBefore, budget = tonumber(ARGV[9]), tonumber(ARGV[10])
local RAD, DIAMETER = math.pi / 180, 2 * 6371008.8
local cosLat = math.cos(lat * RAD)

local function hav(degrees)
  local s = math.sin(degrees * RAD / 2)
  return s * s
end
local function havTo(havLon, otherLat)
  return cosLat * math.cos(otherLat * RAD) * havLon + hav(lat - otherLat)
end
local function metres(h) return DIAMETER * math.asin(math.min(1, math.sqrt(h))) end

-- The least haversine from the place to anywhere in a node.
local function bound(node)
  local west, south, east, north = box(node)
  if lon >= west and lon <= east then
    if lat < south then return hav(south - lat) end
    if lat > north then return hav(lat - north) end
    return 0
  end
  local havLon = math.min(hav(lon - west), hav(lon - east))
  local cosLon = 1 - 2 * havLon
  local extreme = lat > 0 and 90 or -90
  if cosLon > 0 then extreme = math.atan(math.tan(lat * RAD) / cosLon) / RAD end
  if extreme > south and extreme < north then return havTo(havLon, extreme) end
  return math.min(havTo(havLon, south), havTo(havLon, north))
end

local heap, size = {}, 0
local function push(item)
  size = size + 1
  local i = size
  while i > 1 do
    local parent = math.floor(i / 2)
    if heap[parent].h <= item.h then break end
    heap[i] = heap[parent]
    i = parent
  end
  heap[i] = item
end
local function pop()
  local top, last = heap[1], heap[size]
  heap[size] = nil
  size = size - 1
  local i = 1
  while size > 0 do
    local next = 2 * i
    if next > size then break end
    if next < size and heap[next + 1].h < heap[next].h then next = next + 1 end
    if last.h <= heap[next].h then break end
    heap[i] = heap[next]
    i = next
  end
  if size > 0 then heap[i] = last end
  return top
end

local reach = math.sin(math.min(radius / DIAMETER, math.pi / 2)) ^ 2
local function offer(item)
  if item.h <= reach then push(item) end
end

-- \`cut\`: how near an entry may be that was left aside.
local found, complete, looked, cut = {}, 1, 0, nil
local function expand(node)
  local from, to = range(node)
  local count = call('ZCOUNT', near, from, to)
  if count == 0 then return end
  if count > LEAF and node.level < FINEST then
    for digit = 0, 3 do
      local part = child(node, digit)
      part.h = bound(part)
      offer(part)
    end
    return
  end
  -- In a cell of the finest level all stand within a metre: as many as are wanted will do.
  local wanted = limit - #found / 2
  local stopped = entries(node, LEAF, notBefore, budget, function(device, time, placeLat, placeLon)
    offer({ h = havTo(hav(placeLon - lon), placeLat), device = device, time = time })
    wanted = wanted - 1
    return node.level == FINEST and wanted <= 0
  end)
  if stopped then cut = math.min(cut or node.h, node.h) end
end

root.h = bound(root)
offer(root)
while size > 0 do
  if #found >= 2 * limit or visited >= budget or commands >= budget then
    complete = 0
    break
  end
  local item = pop()
  looked = item.h
  if item.device then
    found[#found + 1] = item.device
    found[#found + 1] = item.time
  else
    expand(item)
  end
end
if complete == 1 then looked = reach end
if cut then complete, looked = 0, math.min(looked, cut) end
return { complete, string.format('%.3f', metres(looked)), visited, commands, unpack(found) }
`);

/**
 * Entries of one cell in a box.
 * KEYS near, neart. ARGV score, level, column and row of the cell; west, south, east, north, max, notBefore, budget.
 * Answers device after device.
 */
export const boxScript = defineScript(`${tree}
local root = { score = tonumber(ARGV[1]), level = tonumber(ARGV[2]), x = tonumber(ARGV[3]), y = tonumber(ARGV[4]) }
local west, south, east, north = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local max, notBefore, budget = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local crosses = west > east

local function apart(w, s, e, n)
  if s > north or n < south then return true end
  if crosses then return e < west and w > east end
  return e < west or w > east
end
local function within(w, s, e, n)
  if s < south or n > north then return false end
  if crosses then return w >= west or e <= east end
  return w >= west and e <= east
end

local found, stack = {}, { root }
while #stack > 0 and #found < max and visited < budget and commands < budget do
  local node = table.remove(stack)
  local w, s, e, n = box(node)
  if not apart(w, s, e, n) then
    local from, to = range(node)
    local count = call('ZCOUNT', near, from, to)
    if count > LEAF and node.level < FINEST and not within(w, s, e, n) then
      for digit = 0, 3 do stack[#stack + 1] = child(node, digit) end
    elseif count > 0 then
      entries(node, 128, notBefore, budget, function(device, _, lat, lon)
        if not apart(lon, lat, lon, lat) then found[#found + 1] = device end
        return #found >= max
      end)
    end
  end
end
return found
`);
