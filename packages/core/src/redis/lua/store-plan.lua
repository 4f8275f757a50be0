-- store-plan: the graph of tasks, made once. Roots become ready; a remembered start takes effect.
-- KEYS: meta draft events specs tasks counts dependents indegree ready queued running retrying open agents pool
-- ARGV: token plan
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, status | already | swarm_not_found | swarm_state | fenced (the plan lease is another scheduler's)
-- EVENTS: swarm.planned, task.created per task, swarm.started when a start was remembered
if not swarm then return { SWARM_NOT_FOUND } end
local held = redis.call('HMGET', K.meta, 'planToken', 'startRequested')
if swarm.planned and held[1] == A.token then return { ALREADY, swarm.status } end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
if held[1] and held[1] ~= A.token then return { FENCED } end

local plan = cjson.decode(A.plan)
redis.call('DEL', K.draft)
redis.call('HSET', K.meta, 'planned', '1', 'planToken', A.token, 'planSource', plan.source,
  'planDegraded', plan.degraded and '1' or '0', 'planSummary', plan.summary)
if plan.usage then add_usage({}, plan.usage) end
append_event('swarm.planned', {}, {
  source = plan.source, degraded = plan.degraded, degradedReason = plan.degradedReason, summary = plan.summary,
  totalTasks = #plan.tasks,
})

-- dependents: id -> ids, written as text because an empty Lua table would become an object.
local dependents = {}
for _, entry in ipairs(plan.tasks) do
  for _, dependency in ipairs(entry.dependencies) do
    dependents[dependency] = (dependents[dependency] and dependents[dependency] .. ',' or '') .. '"' .. entry.state.id .. '"'
  end
end
local specs, indegrees, waiting, open = {}, {}, {}, {}
for _, entry in ipairs(plan.tasks) do
  local task = entry.state
  task.createdAt = now
  specs[#specs + 1] = task.id
  specs[#specs + 1] = entry.spec
  open[#open + 1] = task.id
  if #entry.dependencies == 0 then
    make_ready(task)
  else
    indegrees[#indegrees + 1] = task.id
    indegrees[#indegrees + 1] = #entry.dependencies
  end
  if dependents[task.id] then
    waiting[#waiting + 1] = task.id
    waiting[#waiting + 1] = '[' .. dependents[task.id] .. ']'
  end
  save_task(task)
  append_event('task.created', { taskId = task.id }, {
    name = entry.name, taskType = entry.taskType, agentType = task.agentType, priority = task.priority,
    dependencies = table.concat(entry.dependencies, ','),
  })
end
call_with('HSET', K.specs, specs)
call_with('HSET', K.indegree, indegrees)
call_with('HSET', K.dependents, waiting)
call_with('SADD', K.open, open)

if held[2] == '1' then
  set_swarm_status('executing')
  redis.call('HSET', K.meta, 'startedAt', now)
  append_event('swarm.started', {})
else
  set_swarm_status('ready')
end
return { OK, swarm.status }
