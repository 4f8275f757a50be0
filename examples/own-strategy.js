// Strategies that a program carries out itself: agents and a graph of tasks, made by code.
//   npx -y pnpm@12 exec node examples/own-strategy.js
//   ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL of a model server (the offline one: `npx -y pnpm@12 start:mock-anthropic`,
//   then ANTHROPIC_BASE_URL=http://localhost:8787); PORT (3000).
import { CustomStrategyManager, createDefaultConfig, HeadlessSystem } from 'claude-flow/headless';

const system = await new HeadlessSystem(createDefaultConfig()).start();
const { coordinator } = system;
const strategies = new CustomStrategyManager(coordinator);

strategies.registerStrategy('translations', async (swarmId, objective) => {
  const checker = await coordinator.spawnAgent(swarmId, { type: 'proof-reader', name: 'the-proof-reader' });
  const languages = ['French', 'German', 'Polish'];
  const texts = await Promise.all(
    languages.map((language) =>
      coordinator.createTask(swarmId, {
        name: language,
        description: `Put this into ${language}: ${objective}`,
      }),
    ),
  );
  await coordinator.createTask(swarmId, {
    name: 'Proof-reading',
    description: 'Read all translations side by side and mend what differs in meaning.',
    type: 'review',
    agentType: checker.type,
    dependencies: texts.map(({ id }) => id.id),
  });
});

const { swarmId, status } = await strategies.run('translations', { objective: 'The sea is calm tonight.' });
console.log(`${swarmId} has ${status}:`);
for (const task of await coordinator.getTasks(swarmId)) {
  console.log(`  ${task.name}: ${task.status}, by ${task.assignedTo?.id} (${task.agentType})`);
}

// Those that come with the library.
console.log([...strategies.strategies.keys()].join(', '));
await system.stop();
