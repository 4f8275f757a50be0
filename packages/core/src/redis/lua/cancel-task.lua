-- cancel-task: one task is taken out of a swarm that goes on. Its policy decides what becomes of its dependants; whoever
-- works on it is fenced.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool blobs holds approvals
-- ARGV: taskId
-- INCLUDE: outcomes swarm task agent settle holds
-- RETURNS: ok, swarm status | already, swarm status | swarm_not_found | task_not_found | swarm_state | task_state
-- EVENTS: task.cancelled, task.skipped, swarm.progress, swarm.completed or swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND, A.taskId } end
if task.status == 'cancelled' then return { ALREADY, swarm.status } end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
if redis.call('SISMEMBER', K.open, task.id) == 0 then return { TASK_STATE, task.status } end

local function swarm_fails(message)
  if redis.call('HSETNX', K.meta, 'failedTask', task.id) == 1 then
    redis.call('HSET', K.meta, 'failedMessage', message, 'failedReason', 'task-cancelled')
  end
end

task.errorCode = 'cancelled'
task.errorMessage = 'Cancelled on request.'
close_task(task, 'cancelled')
let_go_of_checkpoints({ task.id })
append_task_event('task.cancelled', { id = task.id, agentId = task.agentId, attempt = task.attempt > 0 and task.attempt or nil },
  { reason = 'on request' })
if task.onFailure == 'continue' then
  unblock_dependents({ task.id })
elseif task.onFailure == 'fail-swarm' then
  swarm_fails('Task ' .. task.id .. ' was cancelled.')
  cancel_open_tasks('task ' .. task.id .. ' was cancelled')
elseif skip_dependents(task.id, true) > 0 then
  swarm_fails('Task ' .. task.id .. ' was cancelled, and with it what depends on it.')
end
if swarm.planned and open_tasks() == 0 then
  local ended = redis.call('HMGET', K.meta, 'tasks:completed', 'tasks:failed')
  if tonumber(ended[1] or '0') == 0 and tonumber(ended[2] or '0') == 0 then swarm_fails('All its tasks were cancelled.') end
end
progress_event()
settle(task.onFailure == 'fail-swarm')
return { OK, swarm.status }
