-- keep-pulse: a sweep is there. While one comes every second, a silence of workers is theirs and not Redis's (includes/swarm.lua).
-- KEYS: meta events
-- ARGV:
-- INCLUDE: outcomes swarm
-- RETURNS: ok
-- EVENTS: none
return { OK }
