// One swarm, from the objective to its results.
//   npx -y pnpm@12 exec node examples/create-and-wait.js     (with `npx -y pnpm@12 start` in another terminal)
//   CLAUDE_FLOW_URL (http://localhost:3000) and API_KEY say where; the objective is the first argument.
import { ClaudeFlowClient } from 'claude-flow/client';

const { CLAUDE_FLOW_URL, API_KEY } = process.env;
const objective = process.argv[2] ?? 'Build a REST API for user management';

const client = new ClaudeFlowClient(CLAUDE_FLOW_URL, API_KEY);
const { swarmId } = await client.createSwarm(objective, {
  strategy: 'development',
  maxAgents: 4,
  autoStart: true,
});
console.log(`Swarm ${swarmId} is at work ...`);

const { status, results } = await client.waitForCompletion(swarmId, 1_000);
console.log(`It has ${status}, with ${Object.keys(results.outputs).length} results.`);
for (const { files } of Object.values(results.artifacts)) {
  for (const { path, size } of files) console.log(`  ${path} (${size} bytes)`);
}
console.log(results.summary ?? '');
process.exitCode = status === 'completed' ? 0 : 1;
