-- release-task: a worker that stops hands its task back at a turn boundary. The journal stays; no retry is spent.
-- KEYS: meta events tasks counts ready running agents pool
-- ARGV: taskId token reason
-- INCLUDE: outcomes swarm task agent
-- RETURNS: ok | swarm_not_found | fenced
-- EVENTS: task.retrying
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
redis.call('ZREM', K.running, task.id)
release_agent(task)
make_ready(task)
task.token = nil
save_task(task)
append_event('task.retrying', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, {
  code = 'handed_back', message = A.reason, failures = task.failures, crashes = task.crashes, delayMs = 0,
})
return { OK }
