-- complete-task: records the one result of a task, unblocks its dependants, and ends the swarm when it was the last.
-- KEYS: meta events tasks counts dependents indegree ready queued running retrying suspended open agents pool results
-- ARGV: taskId token result data
-- INCLUDE: outcomes swarm task agent settle load
-- RETURNS: ok, swarm status, tasks made ready, then the swarm's load (as swarm-load answers it) | already (this token's result is stored) | swarm_not_found | fenced
-- EVENTS: task.completed (with `data`, JSON), swarm.progress, swarm.completed or swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if task and task.status == 'completed' and task.token == A.token then return { ALREADY, swarm.status, 0 } end
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
redis.call('HSET', K.results, task.id, A.result)
close_task(task, 'completed')
append_event('task.completed', { taskId = task.id, agentId = task.agentId, attempt = task.attempt }, A.data)
local freed = unblock_dependents(task.id)
progress_event()
settle()
return { OK, swarm.status, freed, unpack(read_load()) }
