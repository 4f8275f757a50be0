-- append-journal: adds one entry to a running task's journal at a given place, and what it cost. A cost that uses up the
-- swarm's budget ends the swarm in the same step. `trouble`: what the model is asked again for, in a sentence, or nothing.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool approvals journal logs
-- ARGV: taskId token index entry usage progress limitBytes trouble
-- INCLUDE: outcomes swarm task agent settle budget
-- RETURNS: ok, length, 'go' or 'budget' (the swarm has ended: stop at once) | already (the same entry is there: a repeated
--          send), the same | swarm_not_found | fenced | too_large, sentence
-- EVENTS: task.progress when `progress` (JSON) is given; budget.warning; or task.cancelled per open task, agent.terminated,
--         swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.token ~= A.token then return { FENCED } end
local over = task.status ~= 'running'
if over and not ended_by_budget() then return { FENCED } end
local length = redis.call('LLEN', K.journal)
local index = tonumber(A.index)
if index < length then
  if redis.call('LINDEX', K.journal, index) == A.entry then return { ALREADY, length, over and 'budget' or 'go' } end
  return { FENCED }
end
if over or index > length then return { FENCED } end
local bytes = (task.journalBytes or 0) + #A.entry
if bytes > tonumber(A.limitBytes) then
  return { TOO_LARGE, 'The journal of ' .. task.id .. ' would exceed ' .. A.limitBytes .. ' bytes. Split the task into smaller ones.' }
end
local full = no_room_for(#A.entry)
if full then return { TOO_LARGE, full } end
count_bytes(#A.entry)
task.journalBytes = bytes
task.trouble = A.trouble ~= '' and A.trouble or nil
redis.call('RPUSH', K.journal, A.entry)
save_task(task)
if A.progress ~= '' then
  append_task_event('task.progress', task, A.progress)
end
if A.usage == '' then return { OK, length + 1, 'go' } end
local usage = cjson.decode(A.usage)
add_to_task(task, usage)
-- A call that failed is no turn.
local turns = usage.turns or 1
if turns > 0 then task.turns = (task.turns or 0) + turns end
local used_up = spend(usage, turns)
if used_up then end_by_budget(used_up) end
return { OK, length + 1, used_up and 'budget' or 'go' }
