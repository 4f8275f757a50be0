-- A swarm that is too large to be written in one step. Needs K.draft, and the keys that its tasks are written to.

-- Until it is complete, its record lies in K.draft: to everybody else there is no swarm. The scripts' other functions work on it all the
-- same when K.meta is that key.
local keep_s
begin.draft = function() keep_s = nil end

-- Written last, when all keys are there: what nobody completes goes away.
finish.draft = function()
  if not keep_s then return end
  redis.call('EXPIRE', K.draft, keep_s)
  redis.call('EXPIRE', K.events, keep_s)
  redis.call('EXPIRE', K.specs, keep_s)
  redis.call('EXPIRE', K.tasks, keep_s)
  redis.call('EXPIRE', K.dependents, keep_s)
  redis.call('EXPIRE', K.indegree, keep_s)
  redis.call('EXPIRE', K.ready, keep_s)
  redis.call('EXPIRE', K.open, keep_s)
end

-- Opens the draft as if it were the swarm. Returns whether there is one with this token.
local function open_draft(token)
  K.meta = K.draft
  swarm = load_swarm()
  return swarm and redis.call('HGET', K.draft, 'draftToken') == token
end
