-- release-task: a worker hands its task back at a turn boundary: it is stopping, or the swarm is paused. The journal stays;
-- no retry is spent.
-- KEYS: meta events tasks ready running suspended agents pool
-- ARGV: taskId token reason
-- INCLUDE: outcomes swarm task agent
-- RETURNS: ok, 'ready' or 'suspended' | swarm_not_found | fenced
-- EVENTS: task.retrying (the worker is stopping), task.suspended (the swarm is paused)
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
local ref = { id = task.id, agentId = task.agentId, attempt = task.attempt }
hand_back(task)
if task.status == 'suspended' then
  append_task_event('task.suspended', ref, { message = A.reason })
else
  append_task_event('task.retrying', ref, {
    code = 'handed_back', message = A.reason, failures = task.failures, crashes = task.crashes, delayMs = 0,
  })
end
return { OK, task.status }
