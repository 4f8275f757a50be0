-- claim-task: a worker takes one attempt of a queued task. Repeating it with the same token changes nothing.
-- KEYS: meta events tasks specs queued running
-- ARGV: taskId attempt token workerId leaseMs
-- INCLUDE: outcomes swarm task claim
-- RETURNS: ok, state, spec | swarm_not_found | task_not_found | swarm_state | task_state | stale_attempt
-- EVENTS: task.started
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND } end
if task.status ~= 'running' or task.token ~= A.token then
  if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end
  if task.attempt ~= tonumber(A.attempt) then return { STALE_ATTEMPT } end
  if task.status ~= 'queued' then return { TASK_STATE, task.status } end
  begin_task(task, A.token, A.workerId, tonumber(A.leaseMs))
end
return { OK, task_text(task), redis.call('HGET', K.specs, A.taskId) }
