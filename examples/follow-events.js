// Everything that happens in a swarm, as an async iteration: the past first, then live, until it has ended. Lost
// connections are resumed without a gap.
//   npx -y pnpm@12 exec node examples/follow-events.js     (with `npx -y pnpm@12 start` in another terminal)
//   CLAUDE_FLOW_URL (http://localhost:3000) and API_KEY say where.
import { ClaudeFlowClient } from 'claude-flow/client';

const { CLAUDE_FLOW_URL, API_KEY } = process.env;
const client = new ClaudeFlowClient(CLAUDE_FLOW_URL, API_KEY);

// A graph of one's own: two tasks at once, then one that needs both.
const { swarmId } = await client.createSwarm('Two opinions and a decision', {
  autoStart: true,
  tasks: [
    { key: 'for', name: 'The case for', description: 'Argue for it, in one page.', agentType: 'analyst' },
    {
      key: 'against',
      name: 'The case against',
      description: 'Argue against it, in one page.',
      agentType: 'analyst',
    },
    {
      key: 'decide',
      name: 'The decision',
      description: 'Weigh both and decide.',
      agentType: 'architect',
      dependencies: ['for', 'against'],
    },
  ],
});

for await (const event of client.events(swarmId)) {
  console.log(String(event.seq).padStart(4), event.type, event.taskId ?? '');
}
