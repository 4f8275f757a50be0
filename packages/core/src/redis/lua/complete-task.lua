-- complete-task: records the one result of a task, unblocks its dependants, and ends the swarm when it was the last.
-- What became ready may go on in the same step, straight to the worker that has places for it (a hand-over).
-- KEYS: meta events specs tasks counts dependents indegree ready queued running retrying suspended open agents pool results blobs holds
-- ARGV: taskId token result data needed nextToken workerId leaseMs places
-- INCLUDE: outcomes swarm task agent settle dispatch claim holds
-- RETURNS: ok or already (this token's result is stored), swarm status, tasks made ready, 1 when more could be dispatched,
--          then id, state and spec of each task handed over, at most `places` | swarm_not_found | fenced
-- EVENTS: task.completed (with `data`, JSON), swarm.progress, swarm.completed or swarm.failed; then as dispatch and claim-task
-- `needed`: JSON list of the digests that the result refers to; what only its checkpoints needed is freed.
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)

local function answer(outcome, freed, more, handed)
  local reply = { outcome, swarm.status, freed, more and 1 or 0 }
  for _, next_task in ipairs(handed) do
    reply[#reply + 1] = next_task.id
    reply[#reply + 1] = task_text(next_task)
    reply[#reply + 1] = redis.call('HGET', K.specs, next_task.id)
  end
  return reply
end

if task and task.status == 'completed' and task.token == A.token then
  -- The reply was lost, perhaps with tasks in it that the ledger holds for running on this worker.
  local handed = {}
  for _, id in ipairs(task.handedOver or {}) do
    local next_task = load_task(id)
    if next_task and next_task.status == 'running' and next_task.token == A.nextToken then
      redis.call('ZADD', K.running, whole(now + A.leaseMs), id)
      handed[#handed + 1] = next_task
    end
  end
  return answer(ALREADY, 0, swarm.status == 'executing', handed)
end
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end

redis.call('HSET', K.results, task.id, A.result)
for _, digest in ipairs(cjson.decode(A.needed)) do hold(digest) end
let_go_of_checkpoints(task.id)
close_task(task, 'completed')
append_event('task.completed', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, A.data)
local freed = unblock_dependents(task.id)
progress_event()
settle()
if swarm.status ~= 'executing' then return answer(OK, freed, false, {}) end

local handed, more = dispatch_ready(tonumber(A.places))
local ids = {}
for i, next_task in ipairs(handed) do
  begin_task(next_task, A.nextToken, A.workerId, tonumber(A.leaseMs))
  ids[i] = next_task.id
end
if #ids > 0 then task.handedOver = ids end
return answer(OK, freed, more and ready_left() > 0, handed)
