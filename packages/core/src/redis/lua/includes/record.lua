-- The record of a new swarm, and its webhook. Needs K.meta and K.webhook.

-- record: its fields, as store/swarms.ts writes them.
local function write_record(record)
  local fields = {}
  for field, value in pairs(record) do
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  -- What every script reads comes first: a small hash is searched from its beginning.
  redis.call('HSET', K.meta, 'id', record.id, 'status', 'planning', 'seq', '0', 'epoch', '1', 'planned', '0',
    'maxAgents', record.maxAgents, 'parallel', record.parallel, 'totalTasks', '0', 'tasks:running', '0', 'tasks:completed', '0',
    'tasks:blocked', '0', 'tasks:ready', '0', 'tasks:queued', '0', 'createdAt', now,
    'textBytes', '0', unpack(fields))
end

local function tell_created(record)
  append_event('swarm.created', {
    objective = record.objective, strategy = record.strategy, mode = record.mode, maxAgents = tonumber(record.maxAgents),
  })
end

-- json: '' for none.
local function write_webhook(json)
  if json == '' then return end
  local webhook = cjson.decode(json)
  redis.call('HSET', K.webhook, 'url', webhook.url, 'events', webhook.events, 'secret', webhook.secret, 'state', 'active',
    'seq', '0', 'attempts', '0', 'dueAt', '0')
end

-- From now on its tasks run as soon as it has its plan.
local function remember_start(timeout_ms)
  set_meta('startRequested', '1')
  set_meta('deadlineAt', whole(now + timeout_ms))
end
