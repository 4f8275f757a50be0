-- complete-task: records the one result of a task, unblocks its dependants, and ends the swarm when it was the last.
-- What became ready may go on in the same step: one task straight to the worker that asks for it with a token of its own
-- (a hand-over), others to the queue.
-- KEYS: meta events specs tasks counts dependents indegree ready queued running retrying suspended open agents pool results blobs holds
-- ARGV: taskId token result data needed nextToken workerId leaseMs limit
-- INCLUDE: outcomes swarm task agent settle dispatch claim holds
-- RETURNS: ok or already (this token's result is stored), swarm status, tasks made ready, 1 when more could be dispatched,
--          id, state and spec of the task handed over or three empty texts, then taskId, attempt, priority of each queued task
--          (the repeated send: those still queued, whose jobs may never have been added) | swarm_not_found | fenced
-- EVENTS: task.completed (with `data`, JSON), swarm.progress, swarm.completed or swarm.failed; then as dispatch and claim-task
-- `needed`: JSON list of the digests that the result refers to; what only its checkpoints needed is freed.
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
local limit = tonumber(A.limit)

local function answer(outcome, freed, more, handed, queued)
  local reply = { outcome, swarm.status, freed, more and 1 or 0, '', '', '' }
  if handed then
    reply[5], reply[6], reply[7] = handed.id, task_text(handed), redis.call('HGET', K.specs, handed.id)
  end
  for _, entry in ipairs(queued) do
    reply[#reply + 1] = entry.id
    reply[#reply + 1] = entry.attempt
    reply[#reply + 1] = entry.priority
  end
  return reply
end

if task and task.status == 'completed' and task.token == A.token then
  -- The reply was lost, perhaps with a task in it that the ledger holds for running on this worker.
  local handed = task.handedOver and A.nextToken ~= '' and load_task(task.handedOver)
  if handed and handed.status == 'running' and handed.token == A.nextToken then
    redis.call('ZADD', K.running, whole(now + A.leaseMs), handed.id)
  else
    handed = nil
  end
  local queued = {}
  if limit > 0 and swarm.status == 'executing' then
    for _, id in ipairs(redis.call('ZRANGE', K.queued, 0, limit - 1)) do queued[#queued + 1] = load_task(id) end
  end
  return answer(ALREADY, 0, swarm.status == 'executing', handed, queued)
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
if swarm.status ~= 'executing' then return answer(OK, freed, false, nil, {}) end

local wanted = A.nextToken ~= '' and 1 or 0
local queued, more = dispatch_ready(wanted + limit)
local handed = wanted == 1 and table.remove(queued, 1) or nil
if handed then
  begin_task(handed, A.nextToken, A.workerId, tonumber(A.leaseMs))
  task.handedOver = handed.id
end
return answer(OK, freed, more and ready_left() > 0, handed, queued)
