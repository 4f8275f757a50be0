/** Ends as a process does that meets an uncaught error while starting. */
console.log('starting');
throw new Error('PORT 80 is already in use: set PORT to another one.');
