-- free-place: a place that was found to be nobody's, unless it was taken anew since it was looked at.
-- KEYS: started
-- ARGV: swarmId takenAt
-- RETURNS: 1 freed, 0 it is another's, or it was free before
if redis.call('ZSCORE', K.started, A.swarmId) ~= A.takenAt then return { 0 } end
return { redis.call('ZREM', K.started, A.swarmId) }
