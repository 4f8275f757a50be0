-- admit: may tasks become jobs now, and whose? Owners take turns, and the queue stays short.
-- A swarm that asks is given room at once when nobody waits; else it has to be registered, and to wait for its turn. Whoever
-- registers or just asks is given turns of those who wait, as far as there is room: they are out of the ring from then on, and whoever got
-- them registers again what has more to do. What is granted counts as waiting until it is released, for a second at most.
-- KEYS: taskWait taskPrioritized taskActive taskMarker taskMeta turns waiting granted
-- ARGV: swarmId wish register release take grantId floor share most ttlMs wake
-- RETURNS: 1, swarms waiting, owners waiting, the grant to release or '', then owner, swarmId, units each | 0: it has to wait
if A.release ~= '' then redis.call('ZREM', K.granted, A.release) end

-- Behind everybody who waits.
local function tail()
  local last = redis.call('ZREVRANGE', K.turns, 0, 0, 'WITHSCORES')
  return (tonumber(last[2]) or 0) + 1
end

local function register(entry)
  redis.call('ZADD', K.waiting, 'NX', 0, entry)
  local owner = string.match(entry, '^(.-):')
  if not redis.call('ZSCORE', K.turns, owner) then redis.call('ZADD', K.turns, tail(), owner) end
end

-- A worker that waits for a job is told by this marker. BullMQ sets none when a place below the cap becomes free elsewhere.
local function wake_workers(waiting, active)
  local meta = redis.call('HMGET', K.taskMeta, 'paused', 'concurrency')
  if waiting == 0 or meta[1] or (meta[2] and active >= tonumber(meta[2])) then return end
  redis.call('ZADD', K.taskMarker, 0, '0')
end

-- Jobs that may still be added before the queue is no longer short.
local function room()
  local active = redis.call('LLEN', K.taskActive)
  local waiting = redis.call('LLEN', K.taskWait) + redis.call('ZCARD', K.taskPrioritized)
  if A.wake == '1' then wake_workers(waiting, active) end
  local left = math.max(tonumber(A.floor), math.floor(active / tonumber(A.share))) - waiting
  if left <= 0 then return 0 end
  local grants = redis.call('ZRANGE', K.granted, 0, -1)
  if #grants == 0 then return left end
  local time = redis.call('TIME')
  if redis.call('ZREMRANGEBYSCORE', K.granted, '-inf', time[1] * 1000 + math.floor(time[2] / 1000)) > 0 then
    grants = redis.call('ZRANGE', K.granted, 0, -1)
  end
  for _, grant in ipairs(grants) do left = left - tonumber(string.match(grant, '^(%d+):')) end
  return left
end

local function grant(units)
  local time = redis.call('TIME')
  local entry = units .. ':' .. A.grantId
  redis.call('ZADD', K.granted, time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(A.ttlMs), entry)
  return entry
end

for entry in string.gmatch(A.register, '%S+') do register(entry) end
local left = room()
if A.swarmId ~= '' then
  if left > 0 and redis.call('EXISTS', K.turns) == 0 then
    local units = math.min(left, tonumber(A.wish))
    return { 1, 0, 0, grant(units), '', A.swarmId, units }
  end
  return { 0 }
end

local units = math.min(left, tonumber(A.most))
if units <= 0 or A.take ~= '1' then
  return { 1, redis.call('ZCARD', K.waiting), redis.call('ZCARD', K.turns), '' }
end

-- One unit an owner in turn, and so on: all get the same number, the first ones the rest.
local owners = redis.call('ZRANGE', K.turns, 0, units - 1)
local each, rest = math.floor(units / math.max(1, #owners)), units % math.max(1, #owners)
local taken, to_tail, to_very_tail, granted = {}, {}, {}, 0
for place, owner in ipairs(owners) do
  local share = each + (place <= rest and 1 or 0)
  -- The oldest swarms first: their ids begin with the time of their creation.
  local entries = redis.call('ZRANGEBYLEX', K.waiting, '[' .. owner .. ':', '(' .. owner .. ';', 'LIMIT', 0, share + 1)
  local count = math.min(#entries, share)
  for i = 1, count do
    redis.call('ZREM', K.waiting, entries[i])
    local own = math.floor(share / count) + (i <= share % count and 1 or 0)
    granted = granted + own
    taken[#taken + 1] = owner
    taken[#taken + 1] = string.sub(entries[i], #owner + 2)
    taken[#taken + 1] = own
  end
  redis.call('ZREM', K.turns, owner)
  if #entries > count then
    local list = place <= rest and to_very_tail or to_tail
    list[#list + 1] = owner
  end
end
-- Who got one of the rest comes after those who did not.
for _, list in ipairs({ to_tail, to_very_tail }) do
  for _, owner in ipairs(list) do redis.call('ZADD', K.turns, tail(), owner) end
end
local entry = granted > 0 and grant(granted) or ''
local reply = { 1, redis.call('ZCARD', K.waiting), redis.call('ZCARD', K.turns), entry }
for _, part in ipairs(taken) do reply[#reply + 1] = part end
return reply
