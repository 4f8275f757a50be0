-- Who has how much work under way, and who waits in line. A swarm that has been started has one account, a line of text:
-- '<seq> <busy> <wanted> <reserved> <since> <owner>': attempts queued or running and tasks that could be queued, both as
-- of the swarm's event number <seq>; attempts let through that no report has confirmed yet; since when; whose it is.
-- Needs K.accounts, K.totals, K.reservations, K.owners, K.waiting, K.workers, K.concurrency.
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local now = clock()

local totals
do
  local f = redis.call('HMGET', K.totals, 'busy', 'reserved', 'capacity', 'turn')
  totals = {
    busy = tonumber(f[1] or '0'), reserved = tonumber(f[2] or '0'), capacity = tonumber(f[3] or '0'), turn = tonumber(f[4] or '0'),
  }
end
local function save_totals()
  redis.call('HSET', K.totals, 'busy', totals.busy, 'reserved', totals.reserved, 'capacity', totals.capacity, 'turn', totals.turn)
end

local accounts = {}
local function load_account(id)
  if accounts[id] ~= nil then return accounts[id] end
  local line = redis.call('HGET', K.accounts, id)
  local account = false
  if line then
    local seq, busy, wanted, reserved, since, owner = string.match(line, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
    account = {
      id = id, seq = tonumber(seq), busy = tonumber(busy), wanted = tonumber(wanted), reserved = tonumber(reserved),
      since = tonumber(since), owner = owner,
    }
  end
  accounts[id] = account
  return account
end

local function open_account(id, owner)
  local account = { id = id, seq = 0, busy = 0, wanted = 0, reserved = 0, since = now, owner = owner }
  accounts[id] = account
  return account
end

-- In line stands whoever has an open wish. A newcomer's owner joins at the end of the round.
local function line_up(account, open)
  local place = account.owner .. '|' .. account.id
  if open > 0 then
    if redis.call('ZADD', K.waiting, 'NX', 0, place) == 1 then
      totals.turn = totals.turn + 1
      redis.call('ZADD', K.owners, 'NX', totals.turn, account.owner)
    end
  else
    redis.call('ZREM', K.waiting, place)
  end
end

local function save_account(account)
  redis.call('HSET', K.accounts, account.id, string.format('%.0f %.0f %.0f %.0f %.0f %s',
    account.seq, account.busy, account.wanted, account.reserved, account.since, account.owner))
end

local function close_account(account)
  totals.busy = totals.busy - account.busy
  redis.call('ZREM', K.waiting, account.owner .. '|' .. account.id)
  redis.call('HDEL', K.accounts, account.id)
  accounts[account.id] = false
end

-- A reservation is '<swarm>.<nonce>.<attempts>', by the time when it ends on its own.
local function reserve(account, nonce, count, lasts_ms)
  local member = account.id .. '.' .. nonce .. '.' .. string.format('%d', count)
  if redis.call('ZADD', K.reservations, now + lasts_ms, member) == 1 then
    account.reserved = account.reserved + count
    totals.reserved = totals.reserved + count
  end
  return member
end

-- Accounts that were changed and are to be looked at, and saved, at the end.
local touched = {}
local function give_back(member)
  if redis.call('ZREM', K.reservations, member) == 0 then return end
  local id, count = string.match(member, '^([^.]+)%.[^.]+%.(%d+)$')
  totals.reserved = totals.reserved - tonumber(count)
  local account = load_account(id)
  if not account then return end
  account.reserved = math.max(0, account.reserved - tonumber(count))
  touched[#touched + 1] = account
end

-- What crashed dispatchers left behind.
local function clear_reservations()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', K.reservations, '-inf', now, 'LIMIT', 0, 100)) do give_back(member) end
end

-- What lost workers left behind.
local function clear_workers()
  for _, worker in ipairs(redis.call('ZRANGEBYSCORE', K.workers, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', K.workers, worker)
    totals.capacity = totals.capacity - tonumber(redis.call('HGET', K.concurrency, worker) or '0')
    redis.call('HDEL', K.concurrency, worker)
  end
end

-- Attempts that may be queued or running at the same time: what the workers take and a quarter more, so that a worker
-- finds its next task waiting. Without any worker a few, so that whoever starts workers sees that there is work.
local function fleet_limit(max_agents)
  local limit = 20
  if totals.capacity > 0 then limit = totals.capacity + math.max(4, math.ceil(totals.capacity / 4)) end
  local cap = tonumber(max_agents)
  if cap > 0 and cap < limit then return cap end
  return limit
end
