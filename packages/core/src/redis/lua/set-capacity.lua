-- set-capacity: a worker says how many tasks it takes at a time and that it lives; 0: it takes none any more.
-- SLOT: admission
-- KEYS: accounts totals reservations owners waiting workers concurrency
-- ARGV: workerId concurrency ttlMs
-- INCLUDE: outcomes admission
-- RETURNS: ok, capacity of the fleet | already, capacity (nothing new but the time)
-- EVENTS: none
clear_workers()
local before = tonumber(redis.call('HGET', K.concurrency, A.workerId) or '0')
local concurrency = tonumber(A.concurrency)
totals.capacity = totals.capacity - before + concurrency
if concurrency == 0 then
  redis.call('ZREM', K.workers, A.workerId)
  redis.call('HDEL', K.concurrency, A.workerId)
else
  redis.call('ZADD', K.workers, now + tonumber(A.ttlMs), A.workerId)
  redis.call('HSET', K.concurrency, A.workerId, concurrency)
end
save_totals()
return { concurrency == before and ALREADY or OK, totals.capacity }
