/** Ends as a process does that logs a fault of its configuration. */
console.log(JSON.stringify({ level: 60, msg: 'REDIS_URL is missing: set it.' }));
process.exit(1);
