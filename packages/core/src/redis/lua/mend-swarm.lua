-- mend-swarm: puts every task of an unfinished swarm where its own state says it belongs, and ends the swarm when nothing is
-- open. The tasks' states are the truth; sets and counts are made to fit. On a sound swarm it changes nothing.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool approvals
-- ARGV: leaseMs
-- INCLUDE: outcomes swarm task agent settle
-- RETURNS: ok, corrections | already (nothing was wrong) | swarm_not_found | swarm_state (it has ended, or has no plan yet)
-- EVENTS: swarm.completed or swarm.failed when nothing is open
if not swarm then return { SWARM_NOT_FOUND } end
if is_terminal(swarm.status) or not swarm.planned then return { SWARM_STATE, swarm.status } end

local PLACES = { 'ready', 'queued', 'running', 'retrying' }
local fixed, counts = 0, {}
local function did(changed) fixed = fixed + changed end

-- What a waiting task waits for, without what is decided, has ended, or is not there.
local function still_awaited(task)
  local left = {}
  for _, id in ipairs(task.waitsOn or {}) do
    if task.waitingFor == 'approval' then
      local json = redis.call('HGET', K.approvals, id)
      if json and cjson.decode(json).status == 'pending' then left[#left + 1] = id end
    elseif redis.call('SISMEMBER', K.open, id) == 1 then
      left[#left + 1] = id
    end
  end
  return left
end

local all = redis.call('HGETALL', K.tasks)
for i = 2, #all, 2 do
  local task = decode_task(all[i])
  local ended = task.status == 'completed' or task.status == 'failed' or task.status == 'cancelled' or task.status == 'skipped'
  -- What was suspended by a pause that is over, or waited for dependencies that are all done, may run.
  local freed = (task.status == 'suspended' and swarm.status == 'executing')
    or (task.status == 'blocked' and tonumber(redis.call('HGET', K.indegree, task.id) or '0') <= 0)
  local left = task.status == 'waiting' and still_awaited(task)
  if left and (#left == 0 or #left < #task.waitsOn) then
    task.waitsOn = left
    if #left == 0 then
      task.waitsOn, task.waitingFor, task.token = nil, nil, nil
      task.status = swarm.status == 'paused' and 'suspended' or 'ready'
    end
    redis.call('HSET', K.tasks, task.id, cjson.encode(task))
    fixed = fixed + 1
  end
  if freed then
    -- Written by hand, like the sets and counts below: what they are is counted anew here, not changed step by step.
    task.status = 'ready'
    redis.call('HSET', K.tasks, task.id, cjson.encode(task))
    fixed = fixed + 1
  end
  for _, status in ipairs(PLACES) do
    if status ~= task.status then did(redis.call('ZREM', K[status], task.id)) end
  end
  if task.status == 'ready' then
    did(redis.call('ZADD', K.ready, 'NX', whole(ready_score(task)), task.id))
  elseif task.status == 'queued' then
    did(redis.call('ZADD', K.queued, 'NX', task.queuedAt or now, task.id))
  elseif task.status == 'running' then
    did(redis.call('ZADD', K.running, 'NX', now + A.leaseMs, task.id))
  elseif task.status == 'retrying' then
    did(redis.call('ZADD', K.retrying, 'NX', task.retryAt or now, task.id))
  end
  if task.status == 'suspended' then did(redis.call('SADD', K.suspended, task.id)) else did(redis.call('SREM', K.suspended, task.id)) end
  if ended then did(redis.call('SREM', K.open, task.id)) else did(redis.call('SADD', K.open, task.id)) end
  counts[task.status] = (counts[task.status] or 0) + 1
end

if swarm.totalTasks ~= #all / 2 then
  swarm.totalTasks = #all / 2
  redis.call('HSET', K.meta, 'totalTasks', whole(swarm.totalTasks))
  fixed = fixed + 1
end
local kept = redis.call('HGETALL', K.meta)
for i = 1, #kept, 2 do
  local status = string.match(kept[i], '^tasks:(.*)$')
  if status then
    if tonumber(kept[i + 1]) ~= (counts[status] or 0) then
      redis.call('HSET', K.meta, kept[i], counts[status] or 0)
      swarm.counts[status] = counts[status] or 0
      fixed = fixed + 1
    end
    counts[status] = nil
  end
end
for status, count in pairs(counts) do
  redis.call('HSET', K.meta, 'tasks:' .. status, count)
  fixed = fixed + 1
end

if swarm.status ~= 'ready' and redis.call('SCARD', K.open) == 0 then
  settle()
  fixed = fixed + 1
end
return { fixed > 0 and OK or ALREADY, fixed }
