-- The swarm's record, the ledger's clock, and its event stream. Needs K.meta and K.events. EPOCH, the
-- life of this Redis process, and EVENTS_KEPT, the length of the stream, are put in front by the loader.
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
  if swarm.epoch ~= EPOCH then
    swarm.epoch = EPOCH
    redis.call('HSET', K.meta, 'epoch', string.format('%.0f', EPOCH))
  end
  local head = {
    v = 1, epoch = swarm.epoch, seq = seq, type = event_type, at = now, swarmId = swarm.id,
    taskId = ref.taskId, agentId = ref.agentId, attempt = ref.attempt,
  }
  local body = data
  if body == nil then body = '{}' elseif type(body) == 'table' then body = cjson.encode(body) end
  local json = string.sub(cjson.encode(head), 1, -2) .. ',"data":' .. body .. '}'
  redis.call('XADD', K.events, string.format('%.0f-0', seq), 'e', json)
  -- Now and then, and whole nodes of the stream only: next to free.
  if seq > EVENTS_KEPT and seq % 100 == 0 then redis.call('XTRIM', K.events, 'MAXLEN', '~', EVENTS_KEPT) end
  redis.call('PUBLISH', K.events, json)
end

local function set_swarm_status(status)
  swarm.status = status
  redis.call('HSET', K.meta, 'status', status)
end
