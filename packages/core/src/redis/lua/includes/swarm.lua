-- The swarm's record, the ledger's clock, and its event stream. Needs K.meta and K.events.
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local now = clock()

local function load_swarm()
  local f = redis.call('HMGET', K.meta, 'id', 'status', 'epoch', 'maxAgents', 'parallel', 'planned')
  if not f[1] then return nil end
  return {
    id = f[1], status = f[2], epoch = tonumber(f[3]), maxAgents = tonumber(f[4]),
    parallel = f[5] == '1', planned = f[6] == '1',
  }
end
local swarm = load_swarm()

local function is_terminal(status)
  return status == 'completed' or status == 'failed' or status == 'stopped'
end

-- ref: {taskId=, agentId=, attempt=}; data: a table without arrays, or JSON text.
local function append_event(event_type, ref, data)
  local seq = redis.call('HINCRBY', K.meta, 'seq', 1)
  local head = {
    v = 1, epoch = swarm.epoch, seq = seq, type = event_type, at = now, swarmId = swarm.id,
    taskId = ref.taskId, agentId = ref.agentId, attempt = ref.attempt,
  }
  local body = data
  if body == nil then body = '{}' elseif type(body) == 'table' then body = cjson.encode(body) end
  local json = string.sub(cjson.encode(head), 1, -2) .. ',"data":' .. body .. '}'
  redis.call('XADD', K.events, string.format('%.0f-0', seq), 'e', json)
  redis.call('PUBLISH', K.events, json)
end

local function set_swarm_status(status)
  swarm.status = status
  redis.call('HSET', K.meta, 'status', status)
end
