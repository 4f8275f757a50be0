-- create-swarm: writes a new swarm's record and its first event, and remembers the wish to start it, when there is one.
-- Repeating it with the same id changes nothing.
-- KEYS: meta events draft
-- ARGV: record draft start
-- INCLUDE: outcomes swarm
-- RETURNS: ok | already
-- EVENTS: swarm.created
if swarm then return { ALREADY } end
local record = cjson.decode(A.record)
local fields = {}
for field, value in pairs(record) do
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
redis.call('HSET', K.meta, 'status', 'planning', 'planned', '0', 'seq', '0', 'epoch', '1', 'createdAt', now, unpack(fields))
if A.draft ~= '' then redis.call('SET', K.draft, A.draft) end
if A.start == '1' then redis.call('HSET', K.meta, 'startRequested', '1', 'deadlineAt', now + tonumber(record.timeoutMs)) end
swarm = load_swarm()
append_event('swarm.created', {}, {
  objective = record.objective, strategy = record.strategy, mode = record.mode, maxAgents = tonumber(record.maxAgents),
})
return { OK }
