// The whole service inside this program: API, scheduler, worker, and a private Redis unless REDIS_URL names one.
//   npx -y pnpm@12 exec node examples/headless-system.js
//   ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL of a model server (the offline one: `npx -y pnpm@12 start:mock-anthropic`,
//   then ANTHROPIC_BASE_URL=http://localhost:8787); PORT (3000).
import { createDefaultConfig, HeadlessSystem, PluginManager } from 'claude-flow/headless';

const plugins = new PluginManager();
plugins.registerPlugin('log', {
  hooks: {
    'swarm.created': (swarmId, objective) => console.log(`${swarmId}: ${objective}`),
    'task.completed': (swarmId, taskId, result) =>
      console.log(`${swarmId}: ${taskId} took ${result.executionTime} ms`),
  },
});

const system = new HeadlessSystem(createDefaultConfig(), { plugins });
system.apiServer.app.get('/hello', (_req, res) => res.json({ hello: 'from the same server' }));
await system.start();
console.log(`Serving at ${system.url} (documentation: ${system.url}/docs)`);

const { swarmId } = await system.coordinator.createSwarm({
  objective: 'Build a REST API for user management',
  strategy: 'development',
  autoStart: true,
});
const { status } = await system.coordinator.waitForCompletion(swarmId);
console.log(`The swarm has ${status}.`);

// A service would stay; this example ends.
await system.stop();
