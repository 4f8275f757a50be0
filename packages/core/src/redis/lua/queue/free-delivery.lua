-- free-delivery: removes a delivery that its worker, known to be gone, can never acknowledge: it would hold a place of the fleet.
-- KEYS: job jobLock taskActive taskStalled taskMarker taskWait taskPrioritized
-- ARGV: jobId workerId
-- RETURNS: 1, or 0: it is not that worker's any more
if redis.call('HGET', K.job, 'pb') ~= A.workerId then return { 0 } end
if redis.call('LREM', K.taskActive, 1, A.jobId) == 0 then return { 0 } end
redis.call('SREM', K.taskStalled, A.jobId)
redis.call('DEL', K.job, K.jobLock)
-- Tells a worker that waits: there is room for a job now.
if redis.call('LLEN', K.taskWait) + redis.call('ZCARD', K.taskPrioritized) > 0 then
  redis.call('ZADD', K.taskMarker, 0, '0')
end
return { 1 }
