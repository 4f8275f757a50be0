-- delete-swarm: everything of a swarm that has ended, or was never started, is gone at once. Its journals went before.
-- KEYS: meta events logs specs tasks results dependents indegree ready queued running retrying suspended open agents pool blobs holds approvals webhook
-- ARGV:
-- INCLUDE: outcomes swarm
-- RETURNS: ok | already (there is no such swarm) | swarm_state (stop it first)
-- EVENTS: none
if not swarm then return { ALREADY } end
if not is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
for _, key in pairs(K) do redis.call('UNLINK', key) end
return { OK }
