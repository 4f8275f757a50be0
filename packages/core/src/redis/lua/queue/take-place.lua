-- take-place: a place among the started swarms, when one is free for this owner. A swarm has one at most.
-- KEYS: started startedBy wanted
-- ARGV: swarmId owner limit ownerLimit wantedMs
-- RETURNS: 1 taken, 0 it had one, -1 none is free, -2 the owner has as many as one owner may have, -3 those that are free are
-- for owners who have fewer and were refused; a limit of 0 is no limit
-- One that it had counts as taken now: a paused swarm that is about to go on must not lose it in between.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local had = redis.call('ZSCORE', K.started, A.swarmId)
local limit, owner_limit = tonumber(A.limit), tonumber(A.ownerLimit)

-- Places are given back in `started` alone: what is left here of those is forgotten when the owner is counted, or by `forget-ended`.
local function count_of(owner)
  local entries = redis.call('ZRANGEBYLEX', K.startedBy, '[' .. owner .. ':', '(' .. owner .. ';')
  local count = 0
  for _, entry in ipairs(entries) do
    if redis.call('ZSCORE', K.started, string.sub(entry, #owner + 2)) then
      count = count + 1
    else
      redis.call('ZREM', K.startedBy, entry)
    end
  end
  return count
end

-- How many owners who were refused lately have fewer than this one. Some twenty at most: each keeps one place.
local function owners_before(own)
  redis.call('ZREMRANGEBYSCORE', K.wanted, '-inf', now - tonumber(A.wantedMs))
  local before = 0
  for _, other in ipairs(redis.call('ZREVRANGE', K.wanted, 0, 19)) do
    if other ~= A.owner and count_of(other) < own then before = before + 1 end
  end
  return before
end

local function refusal()
  if limit == 0 and owner_limit == 0 then return nil end
  local own = count_of(A.owner)
  if owner_limit > 0 and own >= owner_limit then return -2 end
  if limit == 0 then return nil end
  local free = limit - redis.call('ZCARD', K.started)
  if free <= 0 then return -1 end
  if free <= owners_before(own) then return -3 end
  return nil
end

local refused = not had and refusal()
if refused then
  if refused ~= -2 then redis.call('ZADD', K.wanted, now, A.owner) end
  return { refused }
end
redis.call('ZADD', K.started, now, A.swarmId)
if not had then redis.call('ZADD', K.startedBy, 0, A.owner .. ':' .. A.swarmId) end
redis.call('ZREM', K.wanted, A.owner)
return { had and 0 or 1 }
