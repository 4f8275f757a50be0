-- create-swarm: writes a new swarm's record and its first event; with its tasks when they are the caller's own, and with the
-- wish to start it, when there is one. Repeating it with the same id changes nothing.
-- KEYS: meta events webhook specs tasks dependents indegree ready open
-- ARGV: record webhook start plan planToken
-- EACH: id priority waitsFor state spec dependents created
-- INCLUDE: outcomes swarm task plan
-- RETURNS: ok, status | already, status
-- EVENTS: swarm.created; with a plan also swarm.planned, task.created per task, swarm.started when it is to start
if swarm then return { ALREADY, swarm.status } end
local record = cjson.decode(A.record)
local fields = {}
for field, value in pairs(record) do
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
redis.call('HSET', K.meta, 'status', 'planning', 'planned', '0', 'seq', '0', 'epoch', '1', 'createdAt', now, unpack(fields))
if A.webhook ~= '' then
  local webhook = cjson.decode(A.webhook)
  redis.call('HSET', K.webhook, 'url', webhook.url, 'events', webhook.events, 'secret', webhook.secret, 'state', 'active',
    'seq', '0', 'attempts', '0', 'dueAt', '0')
end
swarm = load_swarm()
append_event('swarm.created', {
  objective = record.objective, strategy = record.strategy, mode = record.mode, maxAgents = tonumber(record.maxAgents),
})
if A.start == '1' then
  set_meta('startRequested', '1')
  set_meta('deadlineAt', whole(now + record.timeoutMs))
end
if A.plan ~= '' then lay_out(cjson.decode(A.plan), EACH, A.planToken, A.start == '1') end
return { OK, swarm.status }
