-- terminate-agent: the agent ends; what it was at goes back to be done by another.
-- KEYS: meta events tasks ready queued running suspended agents pool
-- ARGV: agentId
-- INCLUDE: outcomes swarm task agent
-- RETURNS: ok, id, text | already, id, text | swarm_not_found | agent_not_found
-- EVENTS: task.retrying or, in a paused swarm, task.suspended (its task is handed back); agent.terminated
if not swarm then return { SWARM_NOT_FOUND } end
local agent = load_agent(A.agentId)
if not agent then return { AGENT_NOT_FOUND } end
if agent.status == 'terminated' then return { ALREADY, agent.id, agent_text(agent) } end
local task = agent.taskId and load_task(agent.taskId)
if task and task.agentId == agent.id and (task.status == 'queued' or task.status == 'running') then
  local ref = { id = task.id, agentId = agent.id, attempt = task.attempt }
  hand_back(task)
  if task.status == 'suspended' then
    append_task_event('task.suspended', ref, { message = 'Its agent was terminated.' })
  else
    append_task_event('task.retrying', ref, {
      code = 'handed_back', message = 'Its agent was terminated.', failures = task.failures, crashes = task.crashes, delayMs = 0,
    })
  end
  agent = load_agent(A.agentId)
end
terminate_agent(agent, 'terminated by a command')
return { OK, agent.id, agent_text(agent) }
