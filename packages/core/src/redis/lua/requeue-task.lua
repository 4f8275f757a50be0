-- requeue-task: a queued attempt was delivered and never claimed (its worker died in between): the next attempt number.
-- KEYS: meta events tasks queued
-- ARGV: taskId attempt
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, attempt, priority | swarm_not_found | task_not_found | swarm_state | task_state | stale_attempt
-- EVENTS: task.assigned
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND } end
if task.status ~= 'queued' then return { TASK_STATE, task.status } end
if task.attempt ~= tonumber(A.attempt) then return { STALE_ATTEMPT } end
task.attempt = task.attempt + 1
task.queuedAt = now
redis.call('ZADD', K.queued, now, task.id)
save_task(task)
append_task_event('task.assigned', task, { redelivered = true })
return { OK, task.attempt, task.priority }
