-- append-journal: adds one entry to a running task's journal at a given place, and what it cost.
-- KEYS: meta events tasks counts journal
-- ARGV: taskId token index entry usage progress limitBytes
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, length | already, length (the same entry is there: a repeated send) | swarm_not_found | fenced |
--          too_large, sentence
-- EVENTS: task.progress when `progress` (JSON) is given
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
local length = redis.call('LLEN', K.journal)
local index = tonumber(A.index)
if index < length then
  if redis.call('LINDEX', K.journal, index) == A.entry then return { ALREADY, length } end
  return { FENCED }
end
if index > length then return { FENCED } end
local bytes = (task.journalBytes or 0) + #A.entry
if bytes > tonumber(A.limitBytes) then
  return { TOO_LARGE, 'The journal of ' .. task.id .. ' would exceed ' .. A.limitBytes .. ' bytes. Split the task into smaller ones.' }
end
task.journalBytes = bytes
redis.call('RPUSH', K.journal, A.entry)
if A.usage ~= '' then
  add_usage(task, cjson.decode(A.usage))
  task.turns = (task.turns or 0) + 1
  redis.call('HINCRBY', K.meta, 'turns', 1)
end
save_task(task)
if A.progress ~= '' then
  append_event('task.progress', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, A.progress)
end
return { OK, length + 1 }
