-- create-swarm: writes a new swarm's record and its first event; with its tasks when they are the caller's own, and with the
-- wish to start it, when there is one. What then runs may be dispatched in the same step. Repeating it with the same id changes
-- nothing.
-- KEYS: gone meta events webhook specs tasks dependents indegree ready queued running open agents pool
-- ARGV: record webhook start plan planToken dispatch
-- EACH: id priority waitsFor state spec dependents created
-- INCLUDE: outcomes swarm record task agent dispatch plan
-- RETURNS: ok, status, then taskId, attempt, priority of each task dispatched, at most `dispatch` | already, status |
--          swarm_deleted (a swarm with this id was there, and does not come back)
-- EVENTS: swarm.created; with a plan also swarm.planned, task.created per task, swarm.started when it is to start; then as dispatch
if swarm then return { ALREADY, swarm.status } end
if redis.call('EXISTS', K.gone) == 1 then return { SWARM_DELETED } end
local record = cjson.decode(A.record)
write_record(record)
write_webhook(A.webhook)
swarm = load_swarm()
count_bytes(#A.record)
tell_created(record)
if A.start == '1' then remember_start(record.timeoutMs) end
if A.plan ~= '' then lay_out(cjson.decode(A.plan), EACH, A.planToken, A.start == '1') end
local reply = { OK, swarm.status }
if swarm.status == 'executing' then
  for _, task in ipairs((dispatch_ready(tonumber(A.dispatch)))) do add_queued(reply, task) end
end
return reply
