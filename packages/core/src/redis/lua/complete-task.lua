-- complete-task: records the one result of a task, unblocks its dependants, and ends the swarm when it was the last.
-- KEYS: meta events tasks counts dependents indegree ready queued running retrying suspended open agents pool results blobs holds
-- ARGV: taskId token result data needed
-- INCLUDE: outcomes swarm task agent settle holds
-- RETURNS: ok, swarm status, tasks made ready | already (this token's result is stored) | swarm_not_found | fenced
-- EVENTS: task.completed (with `data`, JSON), swarm.progress, swarm.completed or swarm.failed
-- `needed`: JSON list of the digests that the result refers to; what only its checkpoints needed is freed.
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if task and task.status == 'completed' and task.token == A.token then return { ALREADY, swarm.status, 0 } end
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
redis.call('HSET', K.results, task.id, A.result)
for _, digest in ipairs(cjson.decode(A.needed)) do hold(digest) end
let_go_of_checkpoints(task.id)
close_task(task, 'completed')
append_event('task.completed', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, A.data)
local freed = unblock_dependents(task.id)
progress_event()
settle()
return { OK, swarm.status, freed }
