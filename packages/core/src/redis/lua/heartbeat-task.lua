-- heartbeat-task: renews a running task's lease and says whether to go on.
-- KEYS: meta events tasks running
-- ARGV: taskId token leaseMs
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, 'go' or 'pause' (stop at the next turn boundary) | swarm_not_found | swarm_state, status, reason (stop at once) |
--          fenced
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status, redis.call('HGET', K.meta, 'reason') } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
redis.call('ZADD', K.running, now + A.leaseMs, task.id)
return { OK, swarm.status == 'paused' and 'pause' or 'go' }
