-- assign-task: this agent and no other does the task; when it is busy, the task waits for it.
-- KEYS: meta events tasks ready queued suspended open agents pool
-- ARGV: taskId agentId
-- INCLUDE: outcomes swarm task agent
-- RETURNS: ok | already | swarm_not_found | task_not_found | agent_not_found | swarm_state | task_state
-- EVENTS: none (task.assigned follows when the task is dispatched)
if not swarm then return { SWARM_NOT_FOUND } end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
local task = load_task(A.taskId)
if not task then return { TASK_NOT_FOUND } end
local agent = load_agent(A.agentId)
if not agent or agent.status == 'terminated' then return { AGENT_NOT_FOUND } end
local at_work = task.status == 'queued' or task.status == 'running'
if at_work and task.agentId == agent.id then return { ALREADY } end
if task.status == 'running' or redis.call('SISMEMBER', K.open, task.id) == 0 then return { TASK_STATE, task.status } end
if task.pinnedTo == agent.id then return { ALREADY } end
task.pinnedTo = agent.id
if task.status == 'queued' then hand_back(task) else save_task(task) end
return { OK }
