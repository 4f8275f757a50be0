-- dispatch: gives ready tasks an agent each and marks them queued, highest priority first, while agents are free.
-- KEYS: meta events tasks counts ready queued running retrying agents pool
-- ARGV: limit
-- INCLUDE: outcomes swarm task agent load
-- RETURNS: ok, the swarm's load (as swarm-load answers it), then taskId, attempt, priority of each queued task | swarm_not_found | swarm_state
-- EVENTS: agent.spawned, agent.terminated (an idle one made room), task.assigned
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', K.retrying, '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', K.retrying, id)
  local task = load_task(id)
  task.retryAt = nil
  make_ready(task)
  save_task(task)
end

local busy, live, idle_of = 0, 0, {}
local pool = redis.call('HGETALL', K.pool)
for i = 1, #pool, 2 do
  local agent_type, status = string.match(pool[i + 1], '^(.*)|(.*)$')
  live = live + 1
  if status == 'busy' then
    busy = busy + 1
  else
    idle_of[agent_type] = idle_of[agent_type] or {}
    table.insert(idle_of[agent_type], pool[i])
  end
end

local function take_idle(agent_type)
  local list = idle_of[agent_type]
  if not list or #list == 0 then return nil end
  return load_agent(table.remove(list))
end

-- The agent a task is to have, or nil when it must wait for the one it was assigned to.
local function agent_for(task)
  if task.pinnedTo then
    local entry = redis.call('HGET', K.pool, task.pinnedTo)
    if entry then
      if string.match(entry, '|busy$') then return nil end
      for _, list in pairs(idle_of) do
        for place, id in ipairs(list) do
          if id == task.pinnedTo then table.remove(list, place) break end
        end
      end
      return load_agent(task.pinnedTo)
    end
    task.pinnedTo = nil
  end
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
local at_once = swarm.parallel and swarm.maxAgents or 1
local queued_now = {}
local room = math.min(at_once - busy, tonumber(A.limit))
local candidates = room > 0 and redis.call('ZRANGE', K.ready, 0, room + WINDOW) or {}
for _, id in ipairs(candidates) do
  if room == 0 then break end
  local task = load_task(id)
  local agent = agent_for(task)
  if agent then
    room = room - 1
    redis.call('ZREM', K.ready, id)
    agent.status = 'busy'
    agent.taskId = id
    agent.busySince = now
    save_agent(agent)
    set_task_status(task, 'queued')
    task.attempt = task.attempt + 1
    task.agentId = agent.id
    task.queuedAt = now
    task.token = nil
    redis.call('ZADD', K.queued, now, id)
    save_task(task)
    append_event('task.assigned', { taskId = id, agentId = agent.id, attempt = task.attempt }, { agentType = agent.type, name = agent.name })
    queued_now[#queued_now + 1] = id
    queued_now[#queued_now + 1] = task.attempt
    queued_now[#queued_now + 1] = task.priority
  end
end
local reply = read_load()
for _, value in ipairs(queued_now) do reply[#reply + 1] = value end
return reply
