-- How tasks and swarms end. A swarm's status is derived from the set of open tasks, never from a counter.
local function end_swarm(status, event, reason, message)
  set_swarm_status(status)
  set_meta('endedAt', now_text)
  if reason then
    set_meta('reason', reason)
    set_meta('message', message)
  end
  for _, agent in ipairs(load_pool()) do terminate_agent(agent, 'swarm ' .. status) end
  append_event(event, { reason = reason, message = message })
end

local closed, closed_as, open_before
-- Tasks that have not ended.
local function open_tasks()
  open_before = open_before or redis.call('SCARD', K.open)
  return open_before - #closed
end
begin.settle = function() closed, closed_as, open_before = {}, {}, nil end
finish.settle = function() call_with('SREM', K.open, closed) end

local function progress_event()
  local total = swarm.totalTasks
  local completed = swarm.counts.completed + (closed_as.completed or 0)
  append_event('swarm.progress', string.format(
    '{"totalTasks":%d,"completedTasks":%d,"endedTasks":%d,"percentComplete":%d}',
    total, completed, total - open_tasks(), total == 0 and 0 or math.floor(100 * completed / total)
  ))
end

-- One thing less that a task waits for (an approval, another task). With nothing left it goes on where its journal stands:
-- ready, or suspended while the swarm is paused.
local function no_longer_waits(task, id)
  if not task or task.status ~= 'waiting' or not task.waitsOn then return end
  local left = {}
  for _, other in ipairs(task.waitsOn) do
    if other ~= id then left[#left + 1] = other end
  end
  task.waitsOn = left
  if #left == 0 then
    task.waitsOn, task.waitingFor, task.token = nil, nil, nil
    if swarm.status == 'paused' then set_task_status(task, 'suspended') else make_ready(task) end
  end
  save_task(task)
end

-- A task has ended: whoever waited for it does so no longer, and what it waited for itself is asked for no more. A script
-- that can end a waiting task declares the approvals.
local function end_waits(task)
  for _, id in ipairs(task.awaitedBy or {}) do no_longer_waits(load_task(id), task.id) end
  if K.approvals then
    for _, id in ipairs(task.waitingFor == 'approval' and task.waitsOn or {}) do
      local approval = cjson.decode(redis.call('HGET', K.approvals, id))
      approval.status = 'cancelled'
      approval.decidedAt = now
      redis.call('HSET', K.approvals, id, cjson.encode(approval))
    end
  end
  task.awaitedBy, task.waitsOn, task.waitingFor = nil, nil, nil
end

-- The task leaves the game: status completed, failed, cancelled or skipped.
local function close_task(task, status)
  set_task_status(task, status)
  task.endedAt = now
  task.retryAt = nil
  release_agent(task, status)
  closed[#closed + 1] = task.id
  closed_as[status] = (closed_as[status] or 0) + 1
  if task.awaitedBy or task.waitsOn then end_waits(task) end
  save_task(task)
end

local function dependents_of(id)
  local json = redis.call('HGET', K.dependents, id)
  if not json then return {} end
  local ids = cjson.decode(json)
  load_tasks(ids)
  return ids
end

-- One dependency of each dependant is met, for each of these tasks; those with none left become ready. Returns how many did, by
-- the place in `ids` of what they waited for last.
local function unblock_dependents(ids)
  local lists = redis.call('HMGET', K.dependents, unpack(ids))
  local met, last, order = {}, {}, {}
  for i = 1, #ids do
    for _, id in ipairs(lists[i] and cjson.decode(lists[i]) or {}) do
      if not met[id] then order[#order + 1] = id end
      met[id], last[id] = (met[id] or 0) + 1, i
    end
  end
  local free, freed, left = {}, {}, {}
  for first = 1, #order, PORTION do
    local part_end = math.min(first + PORTION - 1, #order)
    for i, degree in ipairs(redis.call('HMGET', K.indegree, unpack(order, first, part_end))) do
      local id = order[first + i - 1]
      local now_left = (tonumber(degree) or 0) - met[id]
      left[#left + 1], left[#left + 2] = id, whole(now_left)
      if now_left == 0 then free[#free + 1] = id end
    end
  end
  call_with('HSET', K.indegree, left)
  load_tasks(free)
  for _, id in ipairs(free) do
    local dependent = load_task(id)
    if dependent and dependent.status == 'blocked' then
      make_ready(dependent)
      save_task(dependent)
      freed[last[id]] = (freed[last[id]] or 0) + 1
    end
  end
  return freed
end

-- Whatever can no longer run because this task failed, near and far. Returns how many.
local function skip_dependents(id, cancelled)
  local queue, head = { id }, 1
  while queue[head] do
    for _, dependent_id in ipairs(dependents_of(queue[head])) do
      local dependent = load_task(dependent_id)
      if dependent and dependent.status == 'blocked' then
        dependent.errorMessage = 'Skipped because ' .. id .. (cancelled and ' was cancelled.' or ' failed.')
        close_task(dependent, 'skipped')
        append_task_event('task.skipped', { id = dependent_id }, { [cancelled and 'cancelledDependency' or 'failedDependency'] = id })
        queue[#queue + 1] = dependent_id
      end
    end
    head = head + 1
  end
  return #queue - 1
end

local function cancel_open_tasks(reason)
  local ids = redis.call('SMEMBERS', K.open)
  load_tasks(ids)
  for _, id in ipairs(ids) do
    local task = load_task(id)
    -- The one whose failure cancels the others has ended in this very script.
    if not task.endedAt then
      close_task(task, 'cancelled')
      append_task_event('task.cancelled', { id = id, attempt = task.attempt > 0 and task.attempt or nil }, { reason = reason })
    end
  end
end

-- Ends the swarm when nothing is open any more. While its plan is being made there is more to come, unless a task that was added
-- meanwhile ends it all (`over`).
local function settle(over)
  if is_terminal(swarm.status) or open_tasks() > 0 or not (swarm.planned or over) then return end
  local failed = redis.call('HMGET', K.meta, 'failedTask', 'failedMessage', 'failedReason')
  if failed[1] then
    end_swarm('failed', 'swarm.failed', failed[3] or 'task-failed', failed[2])
  else
    end_swarm('completed', 'swarm.completed')
  end
end

-- A task has failed for good: its policy decides what becomes of the rest.
local function fail_for_good(task, code, message)
  task.errorCode = code
  task.errorMessage = message
  close_task(task, 'failed')
  append_task_event('task.failed', task, {
    code = code, message = message, failures = task.failures, onFailure = task.onFailure,
  })
  if task.onFailure == 'continue' then
    unblock_dependents({ task.id })
  else
    if redis.call('HSETNX', K.meta, 'failedTask', task.id) == 1 then
      redis.call('HSET', K.meta, 'failedMessage', 'Task ' .. task.id .. ' failed: ' .. message)
    end
    if task.onFailure == 'fail-swarm' then cancel_open_tasks('task ' .. task.id .. ' failed') else skip_dependents(task.id) end
  end
  progress_event()
  settle()
end
