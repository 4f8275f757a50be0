-- The swarm's record, the ledger's clock, and its event stream. Needs K.meta and K.events. EVENTS_KEPT, the length of the
-- stream, is put in front by the loader.
-- The moment of this script, also as text.
local now, now_text, swarm

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Since when scripts have come without a break, as this server saw it. Each worker with a task and each sweep send one a second, so a
-- break means that Redis, the way to it or its clock's reading was away, and nobody could renew a lease. Kept between calls, for as
-- long as the server lives: it begins anew with it. BREAK_MS is put in front by the loader.
local heard_at, heard_since
local function hear()
  if not heard_at or now - heard_at > BREAK_MS or now < heard_at then heard_since = now end
  heard_at = now
end

-- Could those who hold something until `lease` (0: given back) have renewed it, had they lived? grace_ms: what they get after a break.
local function lease_is_over(lease, grace_ms)
  return lease <= now and (lease == 0 or now - heard_since >= grace_ms)
end

-- The life of this Redis process: 44 bits of its random run id (Lua writes whole numbers exactly up to 14 digits). Read once
-- in that life, since a library lives no longer; 1 when the server does not tell. ADR 9.
local own_epoch
local function epoch_of_server()
  if not own_epoch then
    local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x%x%x%x%x%x%x%x%x%x%x)')
    own_epoch = run_id and tonumber(run_id, 16) or 1
    if own_epoch == 0 then own_epoch = 1 end
    own_epoch = string.format('%.0f', own_epoch)
  end
  return own_epoch
end

-- counts: how many tasks there are, and have the statuses that most tasks go through; of others, see includes/task.lua.
local function load_swarm()
  local f = redis.call('HMGET', K.meta, 'id', 'status', 'epoch', 'maxAgents', 'parallel', 'planned', 'seq',
    'totalTasks', 'tasks:blocked', 'tasks:ready', 'tasks:queued', 'tasks:running', 'tasks:completed', 'textBytes', 'storageLimit')
  if not f[1] then return nil end
  return {
    id = f[1], status = f[2], epoch = f[3], maxAgents = tonumber(f[4]),
    parallel = f[5] == '1', planned = f[6] == '1', seq = tonumber(f[7]), totalTasks = tonumber(f[8] or 0),
    counts = { blocked = f[9] or 0, ready = f[10] or 0, queued = f[11] or 0, running = f[12] or 0, completed = f[13] or 0 },
    textBytes = tonumber(f[14] or 0), storageLimit = tonumber(f[15]),
  }
end

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
local new_meta
local function set_meta(field, value)
  new_meta[#new_meta + 1] = field
  new_meta[#new_meta + 1] = value
end

-- What the swarm stores beside contents of files (`blobBytes`): its tasks, journals, results and approvals. Events and logs have
-- bounds of their own and are not counted.
local bytes_changed
local function count_bytes(bytes)
  swarm.textBytes = swarm.textBytes + bytes
  bytes_changed = true
end

-- A sentence when the swarm has no room for so many bytes more (STORAGE_PER_SWARM).
local function no_room_for(bytes)
  if not swarm.storageLimit then return nil end
  local stored = swarm.textBytes + tonumber(redis.call('HGET', K.meta, 'blobBytes') or '0')
  if stored + bytes <= swarm.storageLimit then return nil end
  return string.format('The swarm stores %d bytes, and this would be %d more than the %d that one swarm may store (STORAGE_PER_SWARM). Split the work over several swarms.',
    stored, stored + bytes - swarm.storageLimit, swarm.storageLimit)
end

local function set_swarm_status(status)
  swarm.status = status
  set_meta('status', status)
end

-- Small whole numbers as text, as attempts are: made once in the library's life.
local numerals = {}
local function numeral(number)
  local text = numerals[number]
  if not text then
    text = whole(number)
    if number <= 100 then numerals[number] = text end
  end
  return text
end

-- The texts of this script's events, in batches; contracts/event-batch.ts reads them.
local EVENTS_AT_ONCE = 200
local batches
-- of: what stands between the event's type and its data; data: a table without arrays, or JSON text. Our own ids and words need no
-- escaping. Redis hashes every string that Lua makes, so few and short ones are quick ones.
local function add_event(event_type, of, data)
  swarm.seq = swarm.seq + 1
  local batch = batches[#batches]
  if not batch or #batch == EVENTS_AT_ONCE then
    batch = { first = swarm.seq }
    batches[#batches + 1] = batch
  end
  batch[#batch + 1] = '{"type":"' .. event_type .. '"' .. of .. ',"data":'
    .. (type(data) == 'table' and cjson.encode(data) or data or '{}') .. '}'
end

local function append_event(event_type, data)
  add_event(event_type, '', data)
end

local function append_agent_event(event_type, agent_id, data)
  add_event(event_type, ',"agentId":"' .. agent_id .. '"', data)
end

-- task: any table with its id, and with agentId and attempt where they are to be told.
local function append_task_event(event_type, task, data)
  local agent_id, attempt, of = task.agentId, task.attempt, nil
  if agent_id and attempt then
    of = ',"taskId":"' .. task.id .. '","agentId":"' .. agent_id .. '","attempt":' .. numeral(attempt)
  else
    of = ',"taskId":"' .. task.id .. '"' .. (agent_id and ',"agentId":"' .. agent_id .. '"' or '')
      .. (attempt and ',"attempt":' .. numeral(attempt) or '')
  end
  add_event(event_type, of, data)
end

begin.swarm = function()
  now = clock()
  now_text = whole(now)
  hear()
  swarm = load_swarm()
  new_meta, batches, bytes_changed = {}, {}, false
end

-- Events of one script are one entry of the stream, whose id is the number of its last event, and one message.
finish.swarm = function()
  if #batches > 0 then
    if swarm.epoch ~= epoch_of_server() then set_meta('epoch', own_epoch) end
    local head = '{"v":1,"epoch":' .. own_epoch .. ',"at":' .. now_text .. ',"swarmId":"' .. swarm.id .. '","seq":'
    for _, batch in ipairs(batches) do
      local text = head .. whole(batch.first) .. ',"events":[' .. table.concat(batch, ',') .. ']}'
      redis.call('XADD', K.events, whole(batch.first + #batch - 1) .. '-0', 'e', text)
      redis.call('PUBLISH', K.events, text)
    end
    set_meta('seq', whole(swarm.seq))
    local before = batches[1].first - 1
    -- Now and then, and whole nodes of the stream only: next to free.
    if swarm.seq > EVENTS_KEPT and math.floor(swarm.seq / 100) > math.floor(before / 100) then
      redis.call('XTRIM', K.events, 'MINID', '~', whole(swarm.seq - EVENTS_KEPT + 1) .. '-0')
    end
  end
  if bytes_changed then set_meta('textBytes', whole(swarm.textBytes)) end
  call_with('HSET', K.meta, new_meta)
end
