-- delete-swarm: everything of a swarm that has ended, or was never started, is gone at once. Its journals went before. For
-- `knownS` seconds nothing brings its id back.
-- KEYS: gone meta events logs specs tasks results dependents indegree ready queued running retrying suspended open agents pool capabilities blobs holds approvals webhook
-- ARGV: knownS
-- INCLUDE: outcomes swarm
-- RETURNS: ok | already (there is no such swarm) | swarm_state (stop it first)
-- EVENTS: none
if swarm and not is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
redis.call('SET', K.gone, '1', 'EX', A.knownS)
if not swarm then return { ALREADY } end
for name, key in pairs(K) do
  if name ~= 'gone' then redis.call('UNLINK', key) end
end
return { OK }
