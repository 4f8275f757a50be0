-- swarm-load: what admission has to know of a swarm, as of its event number. Changes nothing.
-- KEYS: meta ready queued running retrying
-- ARGV:
-- INCLUDE: outcomes load
-- RETURNS: ok, status, owner, seq, start remembered 0/1, attempts under way, tasks that could be queued now, nextRetryAt or 0 | swarm_not_found
-- EVENTS: none
return read_load() or { SWARM_NOT_FOUND }
