-- Whoever waits for each of these tasks, which may have dependants already. Needs K.dependents.
local function add_dependent(ids, dependent_id)
  local entry = '"' .. dependent_id .. '"]'
  for _, id in ipairs(ids) do
    local json = redis.call('HGET', K.dependents, id)
    redis.call('HSET', K.dependents, id, json and (string.sub(json, 1, -2) .. ',' .. entry) or ('[' .. entry))
  end
end

-- The graph of tasks is made once: announced, laid out (in parts, when it is large: draft-swarm), and then it may run. Tasks that were
-- added before it are there already and have the first ids. Needs K.specs, K.tasks, K.dependents, K.indegree, K.ready and K.open.

-- plan: what is known of the whole; count: how many tasks it has. token: whose plan it is, so that a repeated send is known.
local function announce_plan(plan, count, token)
  set_meta('planned', '1')
  set_meta('planToken', token)
  set_meta('planSource', plan.source)
  set_meta('planDegraded', plan.degraded and '1' or '0')
  set_meta('planSummary', plan.summary)
  append_event('swarm.planned', {
    source = plan.source, degraded = plan.degraded, degradedReason = plan.degradedReason, summary = plan.summary,
    mended = plan.mended, totalTasks = swarm.totalTasks + count,
  })
end

-- Roots become ready. tasks: EACH, as store/plans.ts writes it.
local function lay_out_tasks(tasks)
  -- The caller made each task's texts; here come its status and its time. All are new, so they are written as they come.
  local states, specs, indegrees, dependents, open, ready = {}, {}, {}, {}, {}, {}
  local bytes = 0
  local stamp = ',"createdAt":' .. now_text .. '}'
  for i, task in ipairs(tasks) do
    local at, is_root = 2 * i - 1, task.waitsFor == '0'
    open[i] = task.id
    states[at], states[at + 1] = task.id, string.sub(task.state, 1, -2) .. (is_root and ',"status":"ready"}' or ',"status":"blocked"}')
    specs[at], specs[at + 1] = task.id, string.sub(task.spec, 1, -2) .. stamp
    bytes = bytes + #states[at + 1] + #specs[at + 1]
    if is_root then
      ready[#ready + 1] = whole(ready_score(task))
      ready[#ready + 1] = task.id
    else
      indegrees[#indegrees + 1] = task.id
      indegrees[#indegrees + 1] = task.waitsFor
    end
    if task.dependents ~= '' then
      dependents[#dependents + 1] = task.id
      dependents[#dependents + 1] = task.dependents
    end
    append_task_event('task.created', task, task.created)
  end
  call_with('HSET', K.tasks, states)
  call_with('HSET', K.specs, specs)
  call_with('HSET', K.indegree, indegrees)
  call_with('HSET', K.dependents, dependents)
  call_with('SADD', K.open, open)
  call_with('ZADD', K.ready, ready)
  count_bytes(bytes)
  swarm.totalTasks = swarm.totalTasks + #tasks
  set_meta('totalTasks', whole(swarm.totalTasks))
  count_tasks('ready', #ready / 2)
  count_tasks('blocked', #open - #ready / 2)
end

-- With `start` the swarm executes.
local function end_planning(start)
  if start then
    set_swarm_status('executing')
    set_meta('startedAt', now_text)
    append_event('swarm.started')
  else
    set_swarm_status('ready')
  end
end

local function lay_out(plan, tasks, token, start)
  announce_plan(plan, #tasks, token)
  lay_out_tasks(tasks)
  end_planning(start)
end
