-- create-swarm: writes a new swarm's record and its first event; with its tasks when they are the caller's own, and with the
-- wish to start it, when there is one. What then runs may be dispatched in the same step. Repeating it with the same id changes
-- nothing.
-- KEYS: gone meta events webhook specs tasks dependents indegree ready queued running open agents pool
-- ARGV: record webhook start plan planToken dispatch
-- EACH: id priority waitsFor state spec dependents created
-- INCLUDE: outcomes swarm task agent dispatch plan
-- RETURNS: ok, status, then taskId, attempt, priority of each task dispatched, at most `dispatch` | already, status |
--          swarm_deleted (a swarm with this id was there, and does not come back)
-- EVENTS: swarm.created; with a plan also swarm.planned, task.created per task, swarm.started when it is to start; then as dispatch
if swarm then return { ALREADY, swarm.status } end
if redis.call('EXISTS', K.gone) == 1 then return { SWARM_DELETED } end
local record = cjson.decode(A.record)
local fields = {}
for field, value in pairs(record) do
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
-- What every script reads comes first: a small hash is searched from its beginning.
redis.call('HSET', K.meta, 'id', record.id, 'status', 'planning', 'seq', '0', 'epoch', '1', 'planned', '0',
  'maxAgents', record.maxAgents, 'parallel', record.parallel, 'totalTasks', '0', 'tasks:running', '0', 'tasks:completed', '0',
  'tasks:blocked', '0', 'tasks:ready', '0', 'tasks:queued', '0', 'createdAt', now, unpack(fields))
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
local reply = { OK, swarm.status }
if swarm.status == 'executing' then
  for _, task in ipairs((dispatch_ready(tonumber(A.dispatch)))) do add_queued(reply, task) end
end
return reply
