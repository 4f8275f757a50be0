-- Agents of a swarm. K.pool: id -> text of those that live, so that dispatch never reads more than maxAgents; K.agents: of those
-- that have been terminated. A text is made of fields with a bar between them, which JSON in it writes as \u007c:
--   type | task it is busy with, or nothing | busy since | completed | failed | busy ms | name, JSON | instance, spawned at,
--   terminated at, nothing (capabilities, JSON, when an earlier release spawned it)
-- K.capabilities: id -> JSON of what the spawn request added,
-- which no script but the one that spawns has a use for.
-- A text changes with every task that begins and ends, and is several times quicker than JSON. domain/agent.ts reads it.
local agents, changed_agents, agent_changed
-- Numbers given to agents: read once, written once.
local numbers
-- Those that this script freed.
local freed_agents

local FIELDS = '^([^|]*)|([^|]*)|(%d*)|(%d+)|(%d+)|(%d+)|([^|]*)|(.*)$'

local function keep_agent(id, text, terminated)
  if not text then return nil end
  local agent_type, task_id, since, completed, failed, busy_ms, name, rest = string.match(text, FIELDS)
  local agent = {
    id = id, type = agent_type, tasksCompleted = completed, tasksFailed = failed, busyMs = busy_ms, name = name, rest = rest,
    status = terminated and 'terminated' or task_id == '' and 'idle' or 'busy',
  }
  if task_id ~= '' then agent.taskId, agent.busySince = task_id, since end
  agents[id] = agent
  return agent
end

local function agent_text(agent)
  return agent.type .. '|' .. (agent.taskId or '') .. '|' .. (agent.busySince or '') .. '|' .. agent.tasksCompleted .. '|'
    .. agent.tasksFailed .. '|' .. agent.busyMs .. '|' .. agent.name .. '|' .. agent.rest
end

-- The same table for the same id, however often it is asked for.
local function load_agent(id)
  return agents[id] or keep_agent(id, redis.call('HGET', K.pool, id)) or keep_agent(id, redis.call('HGET', K.agents, id), true)
end

-- Reads many living ones at once, so that `load_agent` finds them.
local function load_agents(ids)
  if #ids < 2 or #ids > PORTION then return end
  for i, text in ipairs(redis.call('HMGET', K.pool, unpack(ids))) do
    if text and not agents[ids[i]] then keep_agent(ids[i], text) end
  end
end

-- All that lived before this script, in the order of their numbers.
local function load_pool()
  local pool, living = redis.call('HGETALL', K.pool), {}
  for i = 1, #pool, 2 do
    local agent = agents[pool[i]] or keep_agent(pool[i], pool[i + 1])
    if agent.status ~= 'terminated' then living[#living + 1] = agent end
  end
  return living
end

-- The agent is written when the script ends.
local function save_agent(agent)
  if agent_changed[agent.id] then return end
  agent_changed[agent.id] = true
  agents[agent.id] = agent
  changed_agents[#changed_agents + 1] = agent
end

begin.agent = function()
  agents, changed_agents, agent_changed = {}, {}, {}
  numbers, freed_agents = {}, {}
end

finish.agent = function()
  for field, number in pairs(numbers) do set_meta(field, whole(number)) end
  if #changed_agents == 0 then return end
  local living, gone, gone_ids = {}, {}, {}
  for _, agent in ipairs(changed_agents) do
    local entries = living
    if agent.status == 'terminated' then
      entries = gone
      gone_ids[#gone_ids + 1] = agent.id
    end
    entries[#entries + 1] = agent.id
    entries[#entries + 1] = agent_text(agent)
  end
  call_with('HSET', K.pool, living)
  call_with('HSET', K.agents, gone)
  call_with('HDEL', K.pool, gone_ids)
end

local function next_numbers(one, other)
  if not numbers[one] or not numbers[other] then
    local f = redis.call('HMGET', K.meta, one, other)
    numbers[one], numbers[other] = numbers[one] or tonumber(f[1] or '0'), numbers[other] or tonumber(f[2] or '0')
  end
  numbers[one], numbers[other] = numbers[one] + 1, numbers[other] + 1
  return numbers[one], numbers[other]
end

-- JSON that stands among bars. A bar is possible in its strings only.
local function barless(json)
  return (string.gsub(json, '|', '\\u007c'))
end

local function spawn_agent(agent_type, name)
  local number, instance = next_numbers('agentSeq', 'instances:' .. agent_type)
  local agent = {
    id = string.format('agent_%03d', number), type = agent_type, status = 'idle', tasksCompleted = '0', tasksFailed = '0', busyMs = '0',
    name = name and barless(cjson.encode(name)) or ('"' .. agent_type .. '-' .. numeral(instance) .. '"'),
    rest = numeral(instance) .. '|' .. now_text .. '||',
  }
  save_agent(agent)
  append_agent_event('agent.spawned', agent.id, '{"agentType":"' .. agent.type .. '","name":' .. agent.name .. '}')
  return agent
end

local function end_busy(agent)
  if agent.busySince then agent.busyMs = whole(agent.busyMs + (now - agent.busySince)) end
  agent.busySince, agent.taskId = nil, nil
end

-- reason: our own words.
local function terminate_agent(agent, reason)
  end_busy(agent)
  agent.status = 'terminated'
  agent.rest = string.gsub(agent.rest, '^(%d+|%d+|)|', '%1' .. now_text .. '|')
  save_agent(agent)
  append_agent_event('agent.terminated', agent.id, '{"agentType":"' .. agent.type .. '","name":' .. agent.name .. ',"reason":"' .. reason .. '"}')
end

-- Frees the agent of a task; outcome 'completed', 'failed' or nil (handed back: neither).
local function release_agent(task, outcome)
  if not task.agentId then return end
  local agent = load_agent(task.agentId)
  if not agent or agent.status ~= 'busy' or agent.taskId ~= task.id then return end
  end_busy(agent)
  agent.status = 'idle'
  if outcome == 'completed' then agent.tasksCompleted = numeral(agent.tasksCompleted + 1) end
  if outcome == 'failed' then agent.tasksFailed = numeral(agent.tasksFailed + 1) end
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
