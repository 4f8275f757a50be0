-- admit-directly: a started swarm goes on at once, when there is room and nobody waits. Else nothing is changed but the line.
-- SLOT: admission
-- KEYS: accounts totals reservations owners waiting workers concurrency
-- ARGV: swarmId wanted nonce maxAgents lastsMs
-- INCLUDE: outcomes admission
-- RETURNS: ok, reservation | already (others wait, or there is no room: report, and take turns)
-- EVENTS: none
clear_expired()
local account = load_account(A.swarmId)
local wanted = tonumber(A.wanted)
local free = fleet_limit(A.maxAgents) - totals.busy - totals.reserved
local reply = { ALREADY }
if account and free >= wanted and redis.call('ZCARD', K.waiting) == 0 then
  reply = { OK, reserve(account, A.nonce, wanted, tonumber(A.lastsMs)) }
  save_account(account)
end
save_totals()
return reply
