-- create-drafted-swarm: what create-swarm does, for a swarm all of whose tasks were drafted (draft-swarm): from this step on it is there.
-- Repeating it changes nothing.
-- KEYS: gone draft meta events webhook specs tasks dependents indegree ready queued running open agents pool
-- ARGV: token webhook start dispatch totalTasks waitedFor
-- INCLUDE: outcomes swarm record task agent dispatch plan draft
-- RETURNS: ok, status, then taskId, attempt, priority of each task dispatched, at most `dispatch` | already, status |
--          fenced (the draft is not there, or not all of it: draft it anew) | swarm_deleted
-- EVENTS: swarm.started when it is to start; then as dispatch
if swarm then return { ALREADY, swarm.status } end
if redis.call('EXISTS', K.gone) == 1 then return { SWARM_DELETED } end
local meta, total = K.meta, tonumber(A.totalTasks)
if not open_draft(A.token) or swarm.totalTasks ~= total then return { FENCED } end
local whole_draft = redis.call('HLEN', K.specs) == total and redis.call('HLEN', K.tasks) == total
  and redis.call('SCARD', K.open) == total and redis.call('ZCARD', K.ready) + redis.call('HLEN', K.indegree) == total
  and redis.call('HLEN', K.dependents) == tonumber(A.waitedFor) and redis.call('XLEN', K.events) > 0
if not whole_draft then
  redis.call('UNLINK', K.draft)
  return { FENCED }
end

redis.call('HDEL', K.draft, 'draftToken')
local record = redis.call('HGETALL', K.draft)
redis.call('UNLINK', K.draft)
K.meta = meta
redis.call('HSET', K.meta, unpack(record))
redis.call('PERSIST', K.events)
redis.call('PERSIST', K.specs)
redis.call('PERSIST', K.tasks)
redis.call('PERSIST', K.dependents)
redis.call('PERSIST', K.indegree)
redis.call('PERSIST', K.ready)
redis.call('PERSIST', K.open)
write_webhook(A.webhook)
if A.start == '1' then remember_start(redis.call('HGET', K.meta, 'timeoutMs')) end
end_planning(A.start == '1')
local reply = { OK, swarm.status }
if swarm.status == 'executing' then
  for _, task in ipairs((dispatch_ready(tonumber(A.dispatch)))) do add_queued(reply, task) end
end
return reply
