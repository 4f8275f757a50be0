-- keep-storage: what one swarm stores, as a part of what its owner's swarms store together.
-- KEYS: storage storageOf
-- ARGV: owner swarmId bytes limit reserve
-- RETURNS: 1 kept, the owner's bytes | -1 it would be more than `limit` (0: no limit), the owner's bytes without it
-- `reserve` 1: room for a new swarm; one that is known has its own already. 0 bytes: the swarm is gone.
local of = redis.call('HGET', K.storageOf, A.swarmId)
local owner, before = A.owner, 0
if of then owner, before = string.match(of, '^(.*):(%d+)$') end
local limit, bytes = tonumber(A.limit), tonumber(A.bytes)
local total = tonumber(redis.call('HGET', K.storage, owner) or '0')
if A.reserve == '1' then
  if of then return { 1, total } end
  if limit > 0 and total + bytes > limit then return { -1, total } end
end
total = math.max(0, total - before + bytes)
if bytes == 0 then
  redis.call('HDEL', K.storageOf, A.swarmId)
else
  redis.call('HSET', K.storageOf, A.swarmId, owner .. ':' .. string.format('%d', bytes))
end
if total == 0 then
  redis.call('HDEL', K.storage, owner)
else
  redis.call('HSET', K.storage, owner, string.format('%d', total))
end
return { 1, total }
