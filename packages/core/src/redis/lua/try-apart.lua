-- try-apart: a worker begins a task that is suspected of having taken its worker down, and has no other suspect at work. From now on
-- the loss of this worker is put down to the task.
-- KEYS: meta events tasks
-- ARGV: taskId token
-- INCLUDE: outcomes swarm task
-- RETURNS: ok (also when it has been said before, or the task is no suspect) | swarm_not_found | fenced
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
if task.trial == 'waiting' then
  task.trial = 'apart'
  save_task(task)
end
return { OK }
