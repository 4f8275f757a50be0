-- admit: takes reports of what the ledger says of some swarms, takes reservations back, and lets through what the fleet has
-- room for: owners in turn, within an owner the oldest swarm first. Who asks while nobody waits is let through at once.
-- Sent twice it reserves at most once more; that ends on its own.
-- SLOT: admission
-- KEYS: accounts totals reservations owners waiting workers concurrency
-- ARGV: reports releases nonce take maxAgents lastsMs graceMs
-- INCLUDE: outcomes admission
-- RETURNS: ok, then swarmId, attempts, reservation of each swarm that may queue that many
-- EVENTS: none
clear_workers()
clear_reservations()
local reply, granted, order = { OK }, {}, {}

-- state: 'started'; 'unstarted' (its start may be under way; seq -1: there is no such swarm); 'ended'.
-- letThrough: the swarm had an account when it was let through; has it none any more, it has ended since.
for _, report in ipairs(cjson.decode(A.reports)) do
  local account = load_account(report.id)
  if report.state == 'ended' then
    if account then close_account(account) end
  elseif report.state == 'unstarted' then
    local starting = account and account.seq == 0 and account.since + tonumber(A.graceMs) >= now
    local outdated = account and report.seq ~= -1 and report.seq < account.seq
    if account and not starting and not outdated then close_account(account) end
  elseif account or not report.letThrough then
    account = account or open_account(report.id, report.owner)
    -- Whoever read earlier must not undo what was read later.
    if report.seq >= account.seq then
      totals.busy = totals.busy + report.busy - account.busy
      account.seq, account.busy, account.wanted = report.seq, report.busy, report.wanted
    end
    touched[#touched + 1] = account
  end
end

for _, member in ipairs(cjson.decode(A.releases)) do give_back(member) end

local room = fleet_limit(A.maxAgents) - totals.busy - totals.reserved
local take = tonumber(A.take)

local function open_wish(account)
  return account.wanted - account.reserved - (granted[account.id] or 0)
end

local function let_through(account, count)
  if not granted[account.id] then
    granted[account.id] = 0
    order[#order + 1] = account.id
  end
  granted[account.id] = granted[account.id] + count
  room = room - count
  take = take - count
end

local nobody_waits = redis.call('ZCARD', K.waiting) == 0
for _, account in ipairs(touched) do
  local open = accounts[account.id] and open_wish(account) or 0
  if nobody_waits and open > 0 and open <= room and open <= take then
    let_through(account, open)
  elseif open > 0 or not nobody_waits then
    line_up(account, open)
    nobody_waits = false
  end
  if accounts[account.id] then save_account(account) end
end

while not nobody_waits and room > 0 and take > 0 do
  local owner = redis.call('ZRANGE', K.owners, 0, 0)[1]
  if not owner then break end
  local place = redis.call('ZRANGE', K.waiting, '[' .. owner .. '|', '(' .. owner .. '}', 'BYLEX', 'LIMIT', 0, 1)[1]
  local account = place and load_account(string.sub(place, #owner + 2))
  local open = account and open_wish(account) or 0
  if not place then
    redis.call('ZREM', K.owners, owner)
  elseif open <= 0 then
    redis.call('ZREM', K.waiting, place)
  else
    -- Nobody else waits: no need to take turns.
    local share = redis.call('ZCARD', K.owners) == 1 and math.min(open, room, take) or 1
    let_through(account, share)
    if share == open then redis.call('ZREM', K.waiting, place) end
    totals.turn = totals.turn + 1
    redis.call('ZADD', K.owners, totals.turn, owner)
  end
end

for _, id in ipairs(order) do
  local account = load_account(id)
  reply[#reply + 1] = id
  reply[#reply + 1] = granted[id]
  reply[#reply + 1] = reserve(account, A.nonce, granted[id], tonumber(A.lastsMs))
  save_account(account)
end
save_totals()
return reply
