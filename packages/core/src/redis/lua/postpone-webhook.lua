-- postpone-webhook: the next event could not be delivered: tried again after a while, or given up, with all that follow.
-- KEYS: meta events webhook
-- ARGV: token seq delayMs error giveUp
-- INCLUDE: outcomes swarm
-- RETURNS: ok, due | swarm_not_found | fenced (another scheduler has it, or this was counted already)
-- EVENTS: none
-- `seq`: of the last event that was delivered.
if not swarm then return { SWARM_NOT_FOUND } end
local f = redis.call('HMGET', K.webhook, 'token', 'seq', 'state')
if f[1] ~= A.token or f[2] ~= A.seq or f[3] ~= 'active' then return { FENCED } end
local due = whole(now + A.delayMs)
redis.call('HSETNX', K.webhook, 'since', now_text)
redis.call('HINCRBY', K.webhook, 'attempts', 1)
redis.call('HSET', K.webhook, 'dueAt', due, 'error', A.error, 'state', A.giveUp == '1' and 'given-up' or 'active')
redis.call('HDEL', K.webhook, 'token', 'leaseUntil')
return { OK, due }
