/** Hangs while starting, and does not listen to SIGTERM. */
process.on('SIGTERM', () => console.log('not now'));
process.on('disconnect', () => process.exit(0));
console.log('still busy');
setInterval(() => {}, 1_000);
