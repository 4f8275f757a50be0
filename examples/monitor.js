// Several swarms over one WebSocket, with the text of their agents as they write it.
//   npx -y pnpm@12 exec node examples/monitor.js     (with `npx -y pnpm@12 start` in another terminal)
//   CLAUDE_FLOW_URL (http://localhost:3000) and API_KEY say where.
import { ClaudeFlowClient, SwarmMonitor } from 'claude-flow/client';

const { CLAUDE_FLOW_URL, API_KEY } = process.env;
const client = new ClaudeFlowClient(CLAUDE_FLOW_URL, API_KEY);
const monitor = new SwarmMonitor(client.baseUrl, { apiKey: API_KEY ?? null });

const objectives = ['Compare three message queues for a small team', 'Create a simple calculator app'];
const open = new Set();
let written = 0;

monitor.on('agent_delta', ({ text }) => {
  written += text.length;
});
monitor.on('swarm_event', ({ swarmId, eventType }) => {
  console.log(`${swarmId}: ${eventType}`);
  if (!['swarm.completed', 'swarm.failed', 'swarm.stopped'].includes(eventType)) return;
  open.delete(swarmId);
  if (open.size > 0) return;
  console.log(`All have ended; their agents wrote ${written} characters.`);
  monitor.close();
});

const swarms = await Promise.all(
  objectives.map((objective) => client.createSwarm(objective, { maxAgents: 2 })),
);
for (const { swarmId } of swarms) open.add(swarmId);
monitor.connect();
for (const { swarmId } of swarms) {
  monitor.subscribe(swarmId);
  await client.startSwarm(swarmId);
}
