-- claim-webhook: a scheduler takes the swarm's webhook for a while, so that its events go out one after the other.
-- KEYS: meta events webhook
-- ARGV: token leaseMs
-- INCLUDE: outcomes swarm
-- RETURNS: ok, last event delivered, attempts, since, url, events, secret, swarm status, newest event | already, swarm status
--          (nothing is left to do for now) | fenced, when (another scheduler is at it, or it is not due) | swarm_not_found
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
local f = redis.call('HMGET', K.webhook, 'state', 'seq', 'attempts', 'since', 'url', 'events', 'secret', 'token', 'leaseUntil', 'dueAt')
if f[1] ~= 'active' or tonumber(f[2]) >= swarm.seq then return { ALREADY, swarm.status } end
local taken = tonumber(f[9]) or 0
if f[8] and f[8] ~= A.token and taken > now then return { FENCED, whole(taken) } end
local due = tonumber(f[10]) or 0
if due > now then return { FENCED, whole(due) } end
redis.call('HSET', K.webhook, 'token', A.token, 'leaseUntil', whole(now + A.leaseMs))
return { OK, f[2], f[3], f[4], f[5], f[6], f[7], swarm.status, whole(swarm.seq) }
