-- note-resources: keeps the most that a worker was seen to use while it did tasks of the swarm. Display only: also of one that has ended.
-- KEYS: meta
-- ARGV: workerId memoryBytes cpu limit
-- INCLUDE: outcomes
-- RETURNS: ok | already (nothing more than was known, or as many workers as are kept) | swarm_not_found
-- EVENTS: none
local seen = redis.call('HMGET', K.meta, 'id', 'resources')
if not seen[1] then return { SWARM_NOT_FOUND } end
local workers = seen[2] and cjson.decode(seen[2]) or {}
local before = workers[A.workerId]
if not before then
  local count = 0
  for _ in pairs(workers) do count = count + 1 end
  if count >= tonumber(A.limit) then return { ALREADY } end
  before = { 0, 0 }
end
local memory, cpu = math.max(before[1], tonumber(A.memoryBytes)), math.max(before[2], tonumber(A.cpu))
if workers[A.workerId] and memory == before[1] and cpu == before[2] then return { ALREADY } end
workers[A.workerId] = { memory, cpu }
redis.call('HSET', K.meta, 'resources', cjson.encode(workers))
return { OK }
