-- advance-webhook: all events up to this one are delivered, or were not asked for. With a lease of 0 the webhook is let go.
-- KEYS: meta events webhook
-- ARGV: token seq leaseMs
-- INCLUDE: outcomes swarm
-- RETURNS: ok | swarm_not_found | fenced (another scheduler has it, or had it)
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
local f = redis.call('HMGET', K.webhook, 'token', 'seq', 'state')
if f[1] ~= A.token or f[3] ~= 'active' or tonumber(A.seq) < tonumber(f[2]) then return { FENCED } end
if tonumber(A.seq) > tonumber(f[2]) then
  redis.call('HSET', K.webhook, 'seq', A.seq, 'attempts', '0', 'dueAt', '0')
  redis.call('HDEL', K.webhook, 'since', 'error')
end
if A.leaseMs == '0' then
  redis.call('HDEL', K.webhook, 'token', 'leaseUntil')
else
  redis.call('HSET', K.webhook, 'leaseUntil', whole(now + A.leaseMs))
end
return { OK }
