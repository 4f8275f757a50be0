-- note-model-wait: a running task's model call is made again after a while; until when nothing happens, and why.
-- KEYS: meta events tasks
-- ARGV: taskId token number waitMs reason
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, until | already (this attempt's wait of this number is noted: a repeated send), until | swarm_not_found | fenced
-- EVENTS: task.progress with `waitingUntil` (milliseconds since 1970) and `reason`
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
local wait, number = task.modelWait, tonumber(A.number)
if wait and wait.attempt == task.attempt and wait.number == number then return { ALREADY, wait['until'] } end
wait = { attempt = task.attempt, number = number, reason = A.reason, ['until'] = now + A.waitMs }
task.modelWait = wait
save_task(task)
append_task_event('task.progress', task, cjson.encode({ waitingUntil = wait['until'], reason = A.reason }))
return { OK, wait['until'] }
