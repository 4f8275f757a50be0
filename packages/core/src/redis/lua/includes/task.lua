-- One task's state: a JSON text in the hash K.tasks, changed only through these. Needs K.tasks and K.counts.
local function load_task(id)
  local json = redis.call('HGET', K.tasks, id)
  if not json then return nil end
  return cjson.decode(json)
end

local function save_task(task)
  redis.call('HSET', K.tasks, task.id, cjson.encode(task))
end

-- Changes the status and the counts kept for display; the caller saves the task.
local function set_task_status(task, status)
  redis.call('HINCRBY', K.counts, task.status, -1)
  redis.call('HINCRBY', K.counts, status, 1)
  task.status = status
end

local PRIORITY_SPAN = 1e9
-- Highest priority first, then the order of the plan.
local function make_ready(task)
  set_task_status(task, 'ready')
  redis.call('ZADD', K.ready, (4 - task.priority) * PRIORITY_SPAN + task.sequence, task.id)
end

local function add_usage(target, usage)
  for _, field in ipairs({ 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costMicros' }) do
    local amount = tonumber(usage[field]) or 0
    if amount ~= 0 then
      target[field] = (target[field] or 0) + amount
      redis.call('HINCRBY', K.meta, field, string.format('%.0f', amount))
    end
  end
end
