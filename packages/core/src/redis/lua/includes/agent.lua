-- Agents of a swarm. K.agents: id -> JSON, terminated ones included. K.pool: id -> '<type>|idle' or '<type>|busy',
-- living ones only, so that dispatch never reads more than maxAgents of them.
local function load_agent(id)
  local json = redis.call('HGET', K.agents, id)
  if not json then return nil end
  return cjson.decode(json)
end

local function save_agent(agent)
  redis.call('HSET', K.agents, agent.id, cjson.encode(agent))
  if agent.status == 'terminated' then
    redis.call('HDEL', K.pool, agent.id)
  else
    redis.call('HSET', K.pool, agent.id, agent.type .. '|' .. agent.status)
  end
end

local function spawn_agent(agent_type, name, capabilities)
  local number = redis.call('HINCRBY', K.meta, 'agentSeq', 1)
  local instance = redis.call('HINCRBY', K.meta, 'instances:' .. agent_type, 1)
  local agent = {
    id = string.format('agent_%03d', number), type = agent_type, instance = instance,
    name = name or (agent_type .. '-' .. string.format('%d', instance)), status = 'idle', capabilities = capabilities,
    tasksCompleted = 0, tasksFailed = 0, busyMs = 0, spawnedAt = now,
  }
  save_agent(agent)
  append_event('agent.spawned', { agentId = agent.id }, { agentType = agent.type, name = agent.name })
  return agent
end

local function terminate_agent(agent, reason)
  if agent.busySince then agent.busyMs = agent.busyMs + (now - agent.busySince) end
  agent.busySince = nil
  agent.taskId = nil
  agent.status = 'terminated'
  agent.terminatedAt = now
  save_agent(agent)
  append_event('agent.terminated', { agentId = agent.id }, { agentType = agent.type, name = agent.name, reason = reason })
end

-- Frees the agent of a task; outcome 'completed', 'failed' or nil (handed back: neither).
local function release_agent(task, outcome)
  if not task.agentId then return end
  local agent = load_agent(task.agentId)
  if not agent or agent.status ~= 'busy' or agent.taskId ~= task.id then return end
  if agent.busySince then agent.busyMs = agent.busyMs + (now - agent.busySince) end
  agent.busySince = nil
  agent.taskId = nil
  agent.status = 'idle'
  if outcome == 'completed' then agent.tasksCompleted = agent.tasksCompleted + 1 end
  if outcome == 'failed' then agent.tasksFailed = agent.tasksFailed + 1 end
  save_agent(agent)
end

-- A queued or running task returns to where it can be dispatched again, without an agent: ready, or suspended while the
-- swarm is paused. Whoever still works on it is fenced.
local function hand_back(task)
  if K.queued then redis.call('ZREM', K.queued, task.id) end
  if K.running then redis.call('ZREM', K.running, task.id) end
  release_agent(task)
  task.token = nil
  if swarm.status == 'paused' then
    set_task_status(task, 'suspended')
    redis.call('SADD', K.suspended, task.id)
  else
    make_ready(task)
  end
  save_task(task)
end
