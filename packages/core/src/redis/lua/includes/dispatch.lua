-- The one way from ready to queued: who gets an agent now. Needs K.ready, K.queued, K.running, K.agents and K.pool.

-- Tasks that are queued or running, what this script changed included: each has a busy agent, and no other agent is busy.
local function at_work()
  local count = redis.call('ZCARD', K.queued) + redis.call('ZCARD', K.running)
  for _, task in ipairs(changed_tasks) do
    local before = status_before[task.id]
    if before == 'queued' or before == 'running' then count = count - 1 end
    if task.status == 'queued' or task.status == 'running' then count = count + 1 end
  end
  return count
end

-- Tasks in K.ready, where this script's changes are not written yet.
local stored_ready
local function ready_before()
  stored_ready = stored_ready or redis.call('ZCARD', K.ready)
  return stored_ready
end

-- Tasks that are still ready, what this script changed included.
local function ready_left()
  local count = ready_before()
  for _, task in ipairs(changed_tasks) do
    if status_before[task.id] == 'ready' then count = count - 1 end
    if task.status == 'ready' then count = count + 1 end
  end
  return count
end

-- Agents that an earlier release spawned, with up to a megabyte of capabilities in their texts; `dispatch` shortens them.
local LONG_AGENT = 1024
local long_agents

-- Living agents, and the idle ones by type; read only when the agent just freed does not fit.
local live, idle_of
begin.dispatch = function() live, idle_of, stored_ready, long_agents = nil, nil, nil, {} end
local function open_pool()
  if live then return end
  live, idle_of = 0, {}
  local function count(id, agent_type, idle)
    live = live + 1
    if not idle then return end
    idle_of[agent_type] = idle_of[agent_type] or {}
    table.insert(idle_of[agent_type], id)
  end
  local pool = redis.call('HGETALL', K.pool)
  for i = 1, #pool, 2 do
    if #pool[i + 1] > LONG_AGENT then long_agents[#long_agents + 1] = pool[i] end
    if not agent_changed[pool[i]] then
      local agent_type, no_task = string.match(pool[i + 1], '^([^|]*)|(|?)')
      count(pool[i], agent_type, no_task == '|')
    end
  end
  for _, agent in ipairs(changed_agents) do
    if agent.status ~= 'terminated' then count(agent.id, agent.type, agent.status == 'idle') end
  end
end

local function take_idle(agent_type)
  local list = idle_of[agent_type]
  while list and #list > 0 do
    local agent = load_agent(table.remove(list))
    if agent and agent.status == 'idle' then return agent end
  end
  return nil
end

-- The agent a task is to have, or nil when it must wait for the one it was assigned to, or for any.
local function agent_for(task)
  if task.pinnedTo then
    local agent = load_agent(task.pinnedTo)
    if agent and agent.status ~= 'terminated' then return agent.status == 'idle' and agent or nil end
    task.pinnedTo = nil
  end
  for _, agent in ipairs(freed_agents) do
    if agent.status == 'idle' and agent.type == task.agentType then return agent end
  end
  open_pool()
  local agent = take_idle(task.agentType)
  if agent then return agent end
  if live >= swarm.maxAgents then
    for agent_type in pairs(idle_of) do
      local other = take_idle(agent_type)
      if other then
        terminate_agent(other, 'made room for a ' .. task.agentType)
        live = live - 1
        break
      end
    end
  end
  if live >= swarm.maxAgents then return nil end
  live = live + 1
  return spawn_agent(task.agentType)
end

-- Tasks that wait for a busy agent of their own are passed over; at most this many of them.
local WINDOW = 100

-- Ready tasks in their order, those that this script made ready among them: a function that gives the next one.
local function ready_tasks(first_page)
  local fresh, place = {}, 1
  for _, task in ipairs(made_ready) do
    if task.status == 'ready' and status_before[task.id] ~= 'ready' then fresh[#fresh + 1] = task end
  end
  for i = 2, #fresh do
    if ready_score(fresh[i]) < ready_score(fresh[i - 1]) then
      table.sort(fresh, function(a, b) return ready_score(a) < ready_score(b) end)
      break
    end
  end
  local page, at, offset, more = {}, 1, 0, ready_before() > 0
  local size = first_page
  return function()
    while true do
      if not page[at] and more then
        page = redis.call('ZRANGE', K.ready, offset, offset + size - 1, 'WITHSCORES')
        more = #page == 2 * size
        offset, at, size = offset + size, 1, WINDOW
      end
      if page[at] and not (fresh[place] and ready_score(fresh[place]) < tonumber(page[at + 1])) then
        at = at + 2
        local task = load_task(page[at - 2])
        if task.status == 'ready' then return task end
      elseif fresh[place] then
        place = place + 1
        return fresh[place - 1]
      else
        return nil
      end
    end
  end
end

local function give(task, agent)
  agent.status = 'busy'
  agent.taskId = task.id
  agent.busySince = now_text
  save_agent(agent)
  set_task_status(task, 'queued')
  task.attempt = task.attempt + 1
  task.agentId = agent.id
  task.queuedAt = now
  task.token = nil
  save_task(task)
  append_task_event('task.assigned', task,
    '{"agentType":"' .. agent.type .. '","name":' .. agent.name .. '}')
end

-- Gives up to `limit` ready tasks an agent each and marks them queued, highest priority first, while agents are free.
-- freed: places that tasks which ended in this very script have left: so many may go on without a look at how many are at work.
-- Returns them, and whether more could go on but for the limit.
local function dispatch_ready(limit, freed)
  local queued = {}
  -- Most completions make nothing ready.
  if #made_ready == 0 and ready_before() == 0 then return queued, false end
  local function free_places() return (swarm.parallel and swarm.maxAgents or 1) - at_work() end
  local room = limit <= (freed or 0) and limit or math.min(free_places(), limit)
  local next_task, passed = room > 0 and ready_tasks(room), 0
  while #queued < room and passed <= WINDOW do
    local task = next_task()
    if not task then return queued, false end
    local agent = agent_for(task)
    if agent then
      give(task, agent)
      queued[#queued + 1] = task
    else
      passed = passed + 1
    end
  end
  return queued, ready_left() > 0 and free_places() > 0
end

-- What whoever dispatched a task has to know to add its job.
local function add_queued(reply, task)
  reply[#reply + 1] = task.id
  reply[#reply + 1] = task.attempt
  reply[#reply + 1] = task.priority
end
