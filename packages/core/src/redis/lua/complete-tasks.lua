-- complete-tasks: records the one result of each of these tasks, unblocks their dependants, and ends the swarm when they were
-- the last. What became ready may go on in the same step, straight to the worker that has places for it (a hand-over).
-- KEYS: meta events specs tasks dependents indegree ready queued running retrying suspended open agents pool results blobs holds
-- ARGV: workerId leaseMs
-- EACH: taskId token result data needed nextToken places
-- INCLUDE: outcomes swarm task agent settle dispatch claim holds
-- RETURNS: ok, swarm status, 1 when more could be dispatched, then of each: ok, already (this token's result is stored) or
--          fenced; tasks that it was the last to make ready; how many are handed over to it, and their id, state and spec
--          | swarm_not_found
-- EVENTS: task.completed each (with `data`, JSON), swarm.progress, swarm.completed or swarm.failed; then as dispatch and claim-task
-- `needed`: JSON list of the digests that the result refers to; what only its checkpoints needed is freed.
if not swarm then return { SWARM_NOT_FOUND } end
local asked, held_by, done, ids = {}, {}, {}, {}
for i, one in ipairs(EACH) do asked[i] = one.taskId end
load_tasks(asked)
for _, one in ipairs(EACH) do
  local task = load_task(one.taskId)
  one.task, one.outcome, one.freed, one.handed = task, FENCED, 0, {}
  if task and task.token == one.token and task.agentId then held_by[#held_by + 1] = task.agentId end
end
load_agents(held_by)

local results = {}
for _, one in ipairs(EACH) do
  local task = one.task
  if task and task.status == 'completed' and task.token == one.token then
    one.outcome = ALREADY
  elseif task and task.status == 'running' and task.token == one.token then
    one.outcome = OK
    done[#done + 1], ids[#ids + 1] = one, task.id
    results[#results + 1], results[#results + 2] = task.id, one.result
    count_bytes(#one.result)
    if one.needed ~= '[]' then
      for _, digest in ipairs(cjson.decode(one.needed)) do hold(digest) end
    end
    close_task(task, 'completed')
    append_task_event('task.completed', task, one.data)
  end
end

local more = false
if #done > 0 then
  call_with('HSET', K.results, results)
  let_go_of_checkpoints(ids)
  for i, freed in pairs(unblock_dependents(ids)) do done[i].freed = freed end
  progress_event()
  settle()
end

-- One for the place of each task that ended, then those beside them.
local function hand_over(tasks)
  local at = 1
  local function give_to(one)
    begin_task(tasks[at], one.nextToken, A.workerId, tonumber(A.leaseMs))
    one.handed[#one.handed + 1] = tasks[at]
    at = at + 1
  end
  for _, one in ipairs(done) do
    if tasks[at] and one.places > 0 then give_to(one) end
  end
  for _, one in ipairs(done) do
    while tasks[at] and #one.handed < one.places do give_to(one) end
    if #one.handed > 0 then
      one.task.handedOver = {}
      for i, task in ipairs(one.handed) do one.task.handedOver[i] = task.id end
    end
  end
end

if swarm.status == 'executing' then
  if #done > 0 then
    local places = 0
    for _, one in ipairs(done) do
      one.places = tonumber(one.places)
      places = places + one.places
    end
    local given
    given, more = dispatch_ready(places, #done)
    hand_over(given)
  else
    more = true
  end
end

local reply = { OK, swarm.status, more and 1 or 0 }
local handed_ids, spec_places = {}, {}
for _, one in ipairs(EACH) do
  if one.outcome == ALREADY then
    -- The reply was lost, perhaps with tasks in it that the ledger holds for running on this worker.
    for _, id in ipairs(one.task.handedOver or {}) do
      local next_task = load_task(id)
      if next_task and next_task.status == 'running' and next_task.token == one.nextToken then
        lease_until[id] = now + A.leaseMs
        redis.call('ZADD', K.running, whole(lease_until[id]), id)
        one.handed[#one.handed + 1] = next_task
      end
    end
  end
  reply[#reply + 1] = one.outcome
  reply[#reply + 1] = one.freed
  reply[#reply + 1] = #one.handed
  for _, next_task in ipairs(one.handed) do
    reply[#reply + 1] = next_task.id
    reply[#reply + 1] = task_text(next_task)
    handed_ids[#handed_ids + 1] = next_task.id
    reply[#reply + 1] = ''
    spec_places[#handed_ids] = #reply
  end
end
if #handed_ids > 0 then
  for i, spec in ipairs(redis.call('HMGET', K.specs, unpack(handed_ids))) do reply[spec_places[i]] = spec end
end
return reply
