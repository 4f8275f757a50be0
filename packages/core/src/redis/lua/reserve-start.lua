-- reserve-start: a swarm's place among those that are started, before it is started.
-- SLOT: admission
-- KEYS: accounts totals reservations owners waiting workers concurrency
-- ARGV: swarmId owner maxSwarms
-- INCLUDE: outcomes admission
-- RETURNS: ok | already (it has its place) | limit, sentence
-- EVENTS: none
if load_account(A.swarmId) then return { ALREADY } end
local started = redis.call('HLEN', K.accounts)
if started >= tonumber(A.maxSwarms) then
  return { LIMIT, string.format(
    '%d swarms are started already, and this system runs at most %s at a time. Start this one when another has ended.', started, A.maxSwarms) }
end
save_account(open_account(A.swarmId, A.owner))
return { OK }
