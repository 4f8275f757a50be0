-- retry-task: a task that failed, or was cancelled, is done again from its beginning, with all its retries, while its swarm
-- is open. What was skipped on its account waits for it again. One that waits for its retry is ready at once.
-- KEYS: meta events specs tasks dependents ready queued running retrying suspended open indegree agents pool journal
-- ARGV: taskId
-- INCLUDE: outcomes swarm task agent settle
-- RETURNS: ok, status, tasks that came back with it | already, status | swarm_not_found | task_not_found | swarm_state |
--          task_state
-- EVENTS: task.retried (of the task, and of each that was skipped on its account)
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND, A.taskId } end
local waits = task.status == 'ready' or task.status == 'blocked' or task.status == 'suspended'
if waits and task.retriedAt == task.attempt then return { ALREADY, task.status, 0 } end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end

local function tell(one, data)
  append_task_event('task.retried', { id = one.id, attempt = one.attempt > 0 and one.attempt or nil }, data)
end

local before = task.status
if before == 'retrying' then
  task.retriedAt = task.attempt
  task.retryAt = nil
  make_ready(task)
  save_task(task)
  tell(task, { was = before })
  return { OK, task.status, 0 }
end
if before == 'skipped' then
  return { TASK_STATE, 'skipped, and comes back when the task that it needs is retried' }
end
if before ~= 'failed' and before ~= 'cancelled' then return { TASK_STATE, before } end
if task.onFailure == 'continue' and redis.call('HEXISTS', K.dependents, task.id) == 1 then
  return { TASK_STATE, before .. ', and its dependants went on without it' }
end

-- It has ended in a way that leaves its dependants nothing to go on with.
local function is_lost(one)
  if one.status == 'skipped' then return true end
  return (one.status == 'failed' or one.status == 'cancelled') and one.onFailure ~= 'continue'
end
local function lost_dependency(id)
  local dependencies = cjson.decode(redis.call('HGET', K.specs, id)).dependencies
  load_tasks(dependencies)
  for _, dependency_id in ipairs(dependencies) do
    local dependency = load_task(dependency_id)
    if dependency and is_lost(dependency) then return dependency end
  end
  return nil
end
local lost = lost_dependency(task.id)
if lost then return { TASK_STATE, before .. ', and ' .. lost.id .. ', which it needs, is ' .. lost.status } end

local function open_again(one)
  one.endedAt = nil
  one.errorCode = nil
  one.errorMessage = nil
  redis.call('SADD', K.open, one.id)
  save_task(one)
end
task.failures = nil
task.crashes = nil
task.startedAt = nil
task.agentId = nil
task.workerId = nil
task.token = nil
count_bytes(-(task.journalBytes or 0))
task.journalBytes = nil
task.retriedAt = task.attempt
redis.call('DEL', K.journal)
open_again(task)
if tonumber(redis.call('HGET', K.indegree, task.id) or '0') > 0 then set_task_status(task, 'blocked') else make_ready(task) end
tell(task, { was = before })

local queue, head = { task.id }, 1
while queue[head] do
  for _, id in ipairs(dependents_of(queue[head])) do
    local dependent = load_task(id)
    if dependent and dependent.status == 'skipped' and not lost_dependency(id) then
      set_task_status(dependent, 'blocked')
      open_again(dependent)
      tell(dependent, { was = 'skipped', dependency = task.id })
      queue[#queue + 1] = id
    end
  end
  head = head + 1
end

-- Why the swarm would end failed: another task's fault now, or nobody's.
local function find_other_fault()
  local all, found = redis.call('HGETALL', K.tasks), nil
  for i = 1, #all, 2 do
    local one = tasks[all[i]] or decode_task(all[i + 1])
    local fatal = (one.status == 'failed' or one.status == 'cancelled') and one.onFailure ~= 'continue'
    if fatal and one.status == 'cancelled' then
      fatal = false
      for _, id in ipairs(dependents_of(one.id)) do
        if load_task(id).status == 'skipped' then fatal = true end
      end
    end
    if fatal and (not found or one.endedAt < found.endedAt) then found = one end
  end
  return found
end
if redis.call('HGET', K.meta, 'failedTask') == task.id then
  redis.call('HDEL', K.meta, 'failedTask', 'failedMessage', 'failedReason')
  local other = find_other_fault()
  if other and other.status == 'failed' then
    redis.call('HSET', K.meta, 'failedTask', other.id, 'failedMessage', 'Task ' .. other.id .. ' failed: ' .. other.errorMessage)
  elseif other then
    redis.call('HSET', K.meta, 'failedTask', other.id, 'failedReason', 'task-cancelled',
      'failedMessage', 'Task ' .. other.id .. ' was cancelled, and with it what depends on it.')
  end
end
return { OK, task.status, #queue - 1 }
