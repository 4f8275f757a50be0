-- store-plan: the graph of tasks, made once. Roots become ready; a remembered start takes effect. A plan whose making used
-- up the swarm's budget is not stored: the swarm ends.
-- KEYS: meta draft events specs tasks counts dependents indegree ready queued running retrying suspended open agents pool
-- ARGV: token plan
-- INCLUDE: outcomes swarm task agent settle budget
-- RETURNS: ok, status | already | swarm_not_found | swarm_state | fenced (the plan lease is another scheduler's)
-- EVENTS: budget.warning; agent.terminated, swarm.failed when the budget is used up; else swarm.planned, task.created per task, swarm.started when a start was remembered
if not swarm then return { SWARM_NOT_FOUND } end
local held = redis.call('HMGET', K.meta, 'planToken', 'startRequested')
if swarm.planned and held[1] == A.token then return { ALREADY, swarm.status } end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
if held[1] and held[1] ~= A.token then return { FENCED } end

local plan = cjson.decode(A.plan)
local used_up = plan.usage and spend(plan.usage, 0)
if used_up then
  end_by_budget(used_up)
  return { OK, swarm.status }
end
redis.call('DEL', K.draft)
redis.call('HSET', K.meta, 'planned', '1', 'planToken', A.token, 'planSource', plan.source,
  'planDegraded', plan.degraded and '1' or '0', 'planSummary', plan.summary)
append_event('swarm.planned', {}, {
  source = plan.source, degraded = plan.degraded, degradedReason = plan.degradedReason, summary = plan.summary,
  totalTasks = #plan.tasks,
})

-- The caller made each task's texts; here come its status and its time. All are new, so they are written as they come.
local states, specs, indegrees, dependents, open, ready = {}, {}, {}, {}, {}, {}
local stamp = ',"createdAt":' .. whole(now) .. '}'
for i, task in ipairs(plan.tasks) do
  local at, is_root = 2 * i - 1, task.waitsFor == 0
  open[i] = task.id
  states[at], states[at + 1] = task.id, string.sub(task.state, 1, -2) .. (is_root and ',"status":"ready"' or ',"status":"blocked"') .. stamp
  specs[at], specs[at + 1] = task.id, task.spec
  if is_root then
    ready[#ready + 1] = whole(ready_score(task))
    ready[#ready + 1] = task.id
  else
    indegrees[#indegrees + 1] = task.id
    indegrees[#indegrees + 1] = whole(task.waitsFor)
  end
  if task.dependents then
    dependents[#dependents + 1] = task.id
    dependents[#dependents + 1] = task.dependents
  end
  append_event('task.created', { taskId = task.id }, task.created)
end
call_with('HSET', K.tasks, states)
call_with('HSET', K.specs, specs)
call_with('HSET', K.indegree, indegrees)
call_with('HSET', K.dependents, dependents)
call_with('SADD', K.open, open)
call_with('ZADD', K.ready, ready)
redis.call('HSET', K.counts, 'ready', #ready / 2, 'blocked', #open - #ready / 2)

if held[2] == '1' then
  set_swarm_status('executing')
  redis.call('HSET', K.meta, 'startedAt', now)
  append_event('swarm.started', {})
else
  set_swarm_status('ready')
end
return { OK, swarm.status }
