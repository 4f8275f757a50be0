-- draft-swarm: a part of a new swarm that has too many tasks for one step. Nobody finds it before create-drafted-swarm has been there, and
-- what is not completed is gone `keepS` seconds after its last part. The first part (`at` 0) brings the record and what is known of the
-- whole plan, each part some tasks, of which `at` stand before them. Repeating a part changes nothing; whoever drafts the same swarm
-- beside us is told how far it is, and goes on there.
-- KEYS: gone draft meta events specs tasks dependents indegree ready open
-- ARGV: token at record plan planToken totalTasks keepS
-- EACH: id priority waitsFor state spec dependents created
-- INCLUDE: draft outcomes swarm record task plan
-- RETURNS: ok, how many tasks are drafted | already, status (the swarm is there) | fenced (the parts before are not there, or another
--          plan's: begin anew) | swarm_deleted
-- EVENTS: swarm.created, swarm.planned with the first part; task.created per task
if swarm then return { ALREADY, swarm.status } end
if redis.call('EXISTS', K.gone) == 1 then return { SWARM_DELETED } end
local at, begun = tonumber(A.at), open_draft(A.token)
if not begun then
  if at > 0 then return { FENCED } end
  redis.call('UNLINK', K.draft, K.events, K.specs, K.tasks, K.dependents, K.indegree, K.ready, K.open)
  local record = cjson.decode(A.record)
  write_record(record)
  swarm = load_swarm()
  count_bytes(#A.record)
  set_meta('draftToken', A.token)
  tell_created(record)
  announce_plan(cjson.decode(A.plan), tonumber(A.totalTasks), A.planToken)
end
keep_s = A.keepS
if swarm.totalTasks < at then return { FENCED } end
if swarm.totalTasks == at then lay_out_tasks(EACH) end
return { OK, whole(swarm.totalTasks) }
