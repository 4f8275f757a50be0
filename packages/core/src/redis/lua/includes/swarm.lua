-- The swarm's record, the ledger's clock, and its event stream. Needs K.meta and K.events. EPOCH, the life of this Redis
-- process, and EVENTS_KEPT, the length of the stream, are put in front by the loader.
-- What a script changes is gathered and written once, when its own code has returned (`at_end`, run by the loader): several
-- changes of one record are one write, and a refusal writes nothing.
local at_end = {}

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local now = clock()

local function load_swarm()
  local f = redis.call('HMGET', K.meta, 'id', 'status', 'epoch', 'maxAgents', 'parallel', 'planned', 'seq')
  if not f[1] then return nil end
  return {
    id = f[1], status = f[2], epoch = f[3], maxAgents = tonumber(f[4]),
    parallel = f[5] == '1', planned = f[6] == '1', seq = tonumber(f[7]),
  }
end
local swarm = load_swarm()

local function is_terminal(status)
  return status == 'completed' or status == 'failed' or status == 'stopped'
end

-- One call for many arguments, in portions that fit Lua's stack and keep pairs together.
local PORTION = 1000
local function call_with(command, key, list)
  if #list <= PORTION then
    if #list > 0 then redis.call(command, key, unpack(list)) end
    return
  end
  for first = 1, #list, PORTION do
    redis.call(command, key, unpack(list, first, math.min(first + PORTION - 1, #list)))
  end
end

-- Whole numbers as text: quicker than what Lua and Redis make of a number.
local function whole(number)
  return string.format('%d', number)
end

-- Fields of the record, written together.
local new_meta = {}
local function set_meta(field, value)
  new_meta[#new_meta + 1] = field
  new_meta[#new_meta + 1] = value
end

local function set_swarm_status(status)
  swarm.status = status
  set_meta('status', status)
end

local new_events, head, middle = {}, nil, nil
-- ref: {taskId=, agentId=, attempt=}; data: a table without arrays, or JSON text. Our own ids and words need no escaping.
local function append_event(event_type, ref, data)
  if not head then
    if tonumber(swarm.epoch) ~= EPOCH then
      swarm.epoch = string.format('%.0f', EPOCH)
      set_meta('epoch', swarm.epoch)
    end
    head = '{"v":1,"epoch":' .. swarm.epoch .. ',"seq":'
    middle = '","at":' .. whole(now) .. ',"swarmId":"' .. swarm.id .. '"'
  end
  swarm.seq = swarm.seq + 1
  local body = data
  if body == nil then body = '{}' elseif type(body) == 'table' then body = cjson.encode(body) end
  new_events[#new_events + 1] = head .. swarm.seq .. ',"type":"' .. event_type .. middle
    .. (ref.taskId and ',"taskId":"' .. ref.taskId .. '"' or '')
    .. (ref.agentId and ',"agentId":"' .. ref.agentId .. '"' or '')
    .. (ref.attempt and ',"attempt":' .. ref.attempt or '') .. ',"data":' .. body .. '}'
end

-- Events of one script travel together: an array when there are several.
local PUBLISH_AT_ONCE = 200
at_end[#at_end + 1] = function()
  local count = #new_events
  if count > 0 then
    set_meta('seq', whole(swarm.seq))
    local before = swarm.seq - count
    for i = 1, count do redis.call('XADD', K.events, (before + i) .. '-0', 'e', new_events[i]) end
    -- Now and then, and whole nodes of the stream only: next to free.
    if swarm.seq > EVENTS_KEPT and math.floor(swarm.seq / 100) > math.floor(before / 100) then
      redis.call('XTRIM', K.events, 'MAXLEN', '~', EVENTS_KEPT)
    end
    if count == 1 then
      redis.call('PUBLISH', K.events, new_events[1])
    else
      for first = 1, count, PUBLISH_AT_ONCE do
        local last = math.min(first + PUBLISH_AT_ONCE - 1, count)
        redis.call('PUBLISH', K.events, '[' .. table.concat(new_events, ',', first, last) .. ']')
      end
    end
  end
  call_with('HSET', K.meta, new_meta)
end
