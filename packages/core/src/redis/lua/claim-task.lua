-- claim-task: a worker takes one attempt of a queued task. Repeating it with the same token changes nothing.
-- KEYS: meta events tasks specs counts queued running
-- ARGV: taskId attempt token workerId leaseMs
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, state, spec | swarm_not_found | task_not_found | swarm_state | task_state | stale_attempt
-- EVENTS: task.started
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND } end
if task.status == 'running' and task.token == A.token then
  return { OK, cjson.encode(task), redis.call('HGET', K.specs, A.taskId) }
end
if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end
if task.attempt ~= tonumber(A.attempt) then return { STALE_ATTEMPT } end
if task.status ~= 'queued' then return { TASK_STATE, task.status } end
set_task_status(task, 'running')
task.token = A.token
task.workerId = A.workerId
task.startedAt = now
task.errorCode = nil
task.errorMessage = nil
redis.call('ZREM', K.queued, task.id)
redis.call('ZADD', K.running, now + A.leaseMs, task.id)
save_task(task)
append_event('task.started', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, {
  agentType = task.agentType, workerId = A.workerId,
})
return { OK, cjson.encode(task), redis.call('HGET', K.specs, A.taskId) }
