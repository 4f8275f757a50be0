-- tag-plan: the priority of an owner's next plan request: one after its last one, and after the one that is next in the queue.
-- So the requests of several owners are served in turn, however many each has. Nothing is counted down, so nothing can drift.
-- KEYS: planWait planPrioritized planTags
-- ARGV: owner most forgetMs keepMs
-- RETURNS: tag
local first = redis.call('ZRANGE', K.planPrioritized, 0, 0, 'WITHSCORES')
-- BullMQ's score: the priority, and a number of 32 bits that keeps the order of arrival.
local lowest = first[2] and math.floor(tonumber(first[2]) / 4294967296) or 0
local last = tonumber(redis.call('HGET', K.planTags, A.owner) or 0)
local tag = math.min(math.max(lowest, last) + 1, tonumber(A.most))
redis.call('HSET', K.planTags, A.owner, tag)
-- While nothing waits the tags are soon forgotten; not at once, since requests that were just tagged may be on their way. Else they
-- are kept for as long as others may still compete.
local waits = first[1] or redis.call('LLEN', K.planWait) > 0
redis.call('PEXPIRE', K.planTags, waits and A.keepMs or A.forgetMs)
return { tag }
