-- One task's state: a JSON text in the hash K.tasks, changed only through these. Needs K.tasks, and the sets
-- of the statuses that a task leaves or enters: which set a task is in follows from its status alone.
local tasks, status_before, changed, changed_tasks

-- What is left out of the texts; domain/task.ts has the same.
local UNLESS_SAID = { __index = { priority = 2, onFailure = 'skip-dependents', failures = 0, crashes = 0 } }

local function decode_task(json)
  return setmetatable(cjson.decode(json), UNLESS_SAID)
end

local function keep_task(id, json)
  if not json then return nil end
  local task = decode_task(json)
  tasks[id] = task
  status_before[id] = task.status
  return task
end

-- The same table for the same id, however often it is asked for.
local function load_task(id)
  return tasks[id] or keep_task(id, redis.call('HGET', K.tasks, id))
end

-- Reads many at once, so that `load_task` finds them.
local function load_tasks(ids)
  if #ids < 2 then return end
  for first = 1, #ids, PORTION do
    local last = math.min(first + PORTION - 1, #ids)
    local texts = redis.call('HMGET', K.tasks, unpack(ids, first, last))
    for i = first, last do
      if not tasks[ids[i]] then keep_task(ids[i], texts[i - first + 1]) end
    end
  end
end

-- The task is written when the script ends.
local function save_task(task)
  if changed[task.id] then return end
  changed[task.id] = true
  tasks[task.id] = task
  changed_tasks[#changed_tasks + 1] = task
end

-- Changes the status; the caller saves the task.
local function set_task_status(task, status)
  task.status = status
  if status ~= 'running' then task.trial = nil end
end

local PRIORITY_SPAN = 1e9
-- Highest priority first, then the order of the plan.
local function ready_score(task)
  -- Its number in the plan is the end of its id: `task_007`.
  return (4 - task.priority) * PRIORITY_SPAN + string.sub(task.id, 6)
end

-- The task as it will be written, made into text once. Nothing may change it afterwards.
local task_texts
local function task_text(task)
  local text = task_texts[task.id]
  if not text then
    text = cjson.encode(task)
    task_texts[task.id] = text
  end
  return text
end

local made_ready
local function make_ready(task)
  set_task_status(task, 'ready')
  made_ready[#made_ready + 1] = task
end

-- When the lease of a task that this script has running ends.
local lease_until

-- The statuses that have a set of their own, and where in it a task stands.
local PLACE = {
  ready = ready_score,
  queued = function(task) return task.queuedAt end,
  running = function(task) return lease_until[task.id] end,
  retrying = function(task) return task.retryAt end,
}

-- How many tasks more, or less, have which status; the sums stand in the record, for display: `tasks:<status>`.
local counted
local function count_tasks(status, change)
  counted[status] = (counted[status] or 0) + change
end

local function write_counts()
  for status, change in pairs(counted) do
    if change ~= 0 then
      local field = 'tasks:' .. status
      local before = swarm.counts[status] or redis.call('HGET', K.meta, field) or 0
      set_meta(field, whole(before + change))
    end
  end
end

begin.task = function()
  tasks, status_before, changed, changed_tasks = {}, {}, {}, {}
  task_texts, made_ready, lease_until, counted = {}, {}, {}, {}
end

finish.task = function()
  local texts, leave, enter = {}, {}, {}
  for _, task in ipairs(changed_tasks) do
    local id, before, after = task.id, status_before[task.id], task.status
    texts[#texts + 1] = id
    texts[#texts + 1] = task_text(task)
    if before ~= after then
      if before then
        count_tasks(before, -1)
        local ids = leave[before] or {}
        leave[before] = ids
        ids[#ids + 1] = id
      end
      count_tasks(after, 1)
      local entries, place = enter[after] or {}, PLACE[after]
      enter[after] = entries
      if place then entries[#entries + 1] = whole(place(task)) end
      entries[#entries + 1] = id
    end
  end
  call_with('HSET', K.tasks, texts)
  -- A script that brings a task into a status declares the set of the same name.
  for status, ids in pairs(leave) do
    if PLACE[status] then call_with('ZREM', K[status], ids) elseif status == 'suspended' then call_with('SREM', K[status], ids) end
  end
  for status, entries in pairs(enter) do
    if PLACE[status] then call_with('ZADD', K[status], entries) elseif status == 'suspended' then call_with('SADD', K[status], entries) end
  end
  write_counts()
end
