-- What admission has to know of a swarm, as of its event number: OK, status, owner, seq, start remembered 0/1, attempts
-- under way, tasks that could be queued now, end of the first back-off or 0; nil when there is no such swarm.
local function read_load()
  local f = redis.call('HMGET', K.meta, 'status', 'owner', 'seq', 'startRequested', 'maxAgents', 'parallel')
  if not f[1] then return nil end
  local under_way = redis.call('ZCARD', K.queued) + redis.call('ZCARD', K.running)
  local wanted, next_retry = 0, '0'
  if f[1] == 'executing' then
    wanted = redis.call('ZCARD', K.ready)
    local first = redis.call('ZRANGE', K.retrying, 0, 0, 'WITHSCORES')
    if first[2] then
      local t = redis.call('TIME')
      local due = redis.call('ZCOUNT', K.retrying, '-inf', t[1] * 1000 + math.floor(t[2] / 1000))
      if due == 0 then next_retry = first[2] end
      wanted = wanted + due
    end
    local room = (f[6] == '1' and tonumber(f[5]) or 1) - under_way
    wanted = math.max(0, math.min(wanted, room))
  end
  return { OK, f[1], f[2] or '', f[3], f[4] == '1' and 1 or 0, under_way, wanted, next_retry }
end
