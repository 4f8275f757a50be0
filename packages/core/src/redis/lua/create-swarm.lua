-- create-swarm: writes a new swarm's record and its first event. Repeating it with the same id changes nothing.
-- KEYS: meta events draft webhook
-- ARGV: record draft webhook
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
if A.webhook ~= '' then
  local webhook = cjson.decode(A.webhook)
  redis.call('HSET', K.webhook, 'url', webhook.url, 'events', webhook.events, 'secret', webhook.secret, 'state', 'active',
    'seq', '0', 'attempts', '0', 'dueAt', '0')
end
swarm = load_swarm()
append_event('swarm.created', {}, {
  objective = record.objective, strategy = record.strategy, mode = record.mode, maxAgents = tonumber(record.maxAgents),
})
return { OK }
