-- wait-task: a running task waits until other tasks have ended, however they end.
-- KEYS: meta events tasks dependents running open agents pool
-- ARGV: taskId token children
-- INCLUDE: outcomes swarm task agent settle wait
-- RETURNS: ok, 'waiting' | already, 'waiting' (a repeated send) or 'running' (all have ended: go on) | swarm_not_found | fenced |
--          task_not_found, id | task_state, sentence (it would wait for itself) | limit, sentence
-- EVENTS: task.suspended
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if task and task.status == 'waiting' and task.waitingFor == 'children' and task.token == A.token then
  return { ALREADY, task.status }
end
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end

local function has_ended(other)
  return other.status == 'completed' or other.status == 'failed' or other.status == 'cancelled' or other.status == 'skipped'
end

local wished, open, known = cjson.decode(A.children), {}, {}
load_tasks(wished)
for _, id in ipairs(wished) do
  local child = load_task(id)
  if not child then return { TASK_NOT_FOUND, id } end
  if not known[id] and not has_ended(child) then open[#open + 1] = id end
  known[id] = true
end
if #open == 0 then return { ALREADY, task.status } end

-- Whatever cannot end before this task has: what depends on it, and what waits for it, near and far.
local LOOKED_AT = 1000
local held_up, queue, head = { [task.id] = true }, { task.id }, 1
local function add(id)
  if not held_up[id] then
    held_up[id] = true
    queue[#queue + 1] = id
  end
end
while queue[head] do
  if #queue > LOOKED_AT then
    return { LIMIT, 'More than ' .. LOOKED_AT .. ' tasks depend on ' .. task.id .. '; it cannot wait for others.' }
  end
  local id = queue[head]
  for _, other_id in ipairs(dependents_of(id)) do
    local other = load_task(other_id)
    if other and not has_ended(other) then add(other_id) end
  end
  for _, other_id in ipairs(load_task(id).awaitedBy or {}) do
    local other = load_task(other_id)
    for _, awaited in ipairs(other and other.status == 'waiting' and other.waitsOn or {}) do
      if awaited == id then add(other_id) end
    end
  end
  head = head + 1
end
for _, id in ipairs(open) do
  if held_up[id] then
    return { TASK_STATE, 'in the way: ' .. id .. ' cannot end before ' .. task.id .. ' has' }
  end
end

for _, id in ipairs(open) do
  local child, there = load_task(id), false
  child.awaitedBy = child.awaitedBy or {}
  for _, waiter in ipairs(child.awaitedBy) do there = there or waiter == task.id end
  if not there then table.insert(child.awaitedBy, task.id) end
  save_task(child)
end
start_waiting(task, 'children', open, 'It waits for other tasks.')
return { OK, task.status }
