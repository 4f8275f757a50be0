-- Agents of a swarm. K.agents: id -> JSON, terminated ones included. K.pool: id -> '<type>|idle' or '<type>|busy',
-- living ones only, so that dispatch never reads more than maxAgents of them.
local agents, pool_before, changed_agents, agent_changed
-- Numbers given to agents: read once, written once.
local numbers
-- Those that this script freed.
local freed_agents

local function pool_entry(agent)
  return agent.status ~= 'terminated' and agent.type .. '|' .. agent.status or nil
end

-- The same table for the same id, however often it is asked for.
local function load_agent(id)
  if agents[id] then return agents[id] end
  local json = redis.call('HGET', K.agents, id)
  if not json then return nil end
  local agent = cjson.decode(json)
  agents[id] = agent
  pool_before[id] = pool_entry(agent)
  return agent
end

-- Reads many at once, so that `load_agent` finds them.
local function load_agents(ids)
  if #ids < 2 or #ids > PORTION then return end
  for i, json in ipairs(redis.call('HMGET', K.agents, unpack(ids))) do
    if json and not agents[ids[i]] then
      agents[ids[i]] = cjson.decode(json)
      pool_before[ids[i]] = pool_entry(agents[ids[i]])
    end
  end
end

-- The agent is written when the script ends.
local function save_agent(agent)
  if agent_changed[agent.id] then return end
  agent_changed[agent.id] = true
  agents[agent.id] = agent
  changed_agents[#changed_agents + 1] = agent
end

begin.agent = function()
  agents, pool_before, changed_agents, agent_changed = {}, {}, {}, {}
  numbers, freed_agents = {}, {}
end

finish.agent = function()
  for field, number in pairs(numbers) do set_meta(field, whole(number)) end
  if #changed_agents == 0 then return end
  local texts, living, gone = {}, {}, {}
  for _, agent in ipairs(changed_agents) do
    texts[#texts + 1] = agent.id
    texts[#texts + 1] = cjson.encode(agent)
    local before, after = pool_before[agent.id], pool_entry(agent)
    if after and after ~= before then
      living[#living + 1] = agent.id
      living[#living + 1] = after
    elseif before and not after then
      gone[#gone + 1] = agent.id
    end
  end
  call_with('HSET', K.agents, texts)
  call_with('HSET', K.pool, living)
  call_with('HDEL', K.pool, gone)
end

local function next_number(field)
  numbers[field] = (numbers[field] or tonumber(redis.call('HGET', K.meta, field) or '0')) + 1
  return numbers[field]
end

local function spawn_agent(agent_type, name, capabilities)
  local number = next_number('agentSeq')
  local instance = next_number('instances:' .. agent_type)
  local agent = {
    id = string.format('agent_%03d', number), type = agent_type, instance = instance,
    name = name or (agent_type .. '-' .. string.format('%d', instance)), status = 'idle', capabilities = capabilities,
    tasksCompleted = 0, tasksFailed = 0, busyMs = 0, spawnedAt = now,
  }
  save_agent(agent)
  append_agent_event('agent.spawned', agent.id, '{"agentType":"' .. agent.type .. '","name":' .. cjson.encode(agent.name) .. '}')
  return agent
end

-- reason: our own words.
local function terminate_agent(agent, reason)
  if agent.busySince then agent.busyMs = agent.busyMs + (now - agent.busySince) end
  agent.busySince = nil
  agent.taskId = nil
  agent.status = 'terminated'
  agent.terminatedAt = now
  save_agent(agent)
  append_agent_event('agent.terminated', agent.id, '{"agentType":"' .. agent.type .. '","name":' .. cjson.encode(agent.name) .. ',"reason":"' .. reason .. '"}')
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
  freed_agents[#freed_agents + 1] = agent
  save_agent(agent)
end

-- A queued or running task returns to where it can be dispatched again, without an agent: ready, or suspended while the
-- swarm is paused. Whoever still works on it is fenced.
local function hand_back(task)
  release_agent(task)
  task.token = nil
  if swarm.status == 'paused' then set_task_status(task, 'suspended') else make_ready(task) end
  save_task(task)
end
