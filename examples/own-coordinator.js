// A coordinator of one's own: it looks at what is asked for, over HTTP too, and does some tasks without a model.
//   npx -y pnpm@12 exec node examples/own-coordinator.js
//   ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL of a model server (the offline one: `npx -y pnpm@12 start:mock-anthropic`,
//   then ANTHROPIC_BASE_URL=http://localhost:8787); PORT (3000).
import {
  createDefaultConfig,
  HeadlessCoordinator,
  HeadlessSystem,
  MetricsCollector,
} from 'claude-flow/headless';

class Careful extends HeadlessCoordinator {
  metrics = new MetricsCollector();

  async createSwarm(wish) {
    // Nobody gets more than three agents here.
    return super.createSwarm({ ...wish, maxAgents: Math.min(wish.maxAgents ?? 3, 3) });
  }

  async executeTask(swarmId, taskId) {
    const [task] = (await this.getTasks(swarmId)).filter(({ id }) => id.id === taskId);
    this.metrics.startTimer(taskId);
    const result =
      task.name === 'Today'
        ? { output: new Date().toDateString() }
        : await super.executeTask(swarmId, taskId);
    this.metrics.recordMetric('task_milliseconds', this.metrics.endTimer(taskId), { agent: task.agentType });
    return result;
  }
}

const system = new HeadlessSystem(createDefaultConfig(), {
  coordinator: (config, bridge) => new Careful(config, bridge),
});
await system.start();

const { swarmId, data } = await system.coordinator.createSwarm({
  objective: 'A short note that begins with the date of today',
  maxAgents: 10,
  autoStart: true,
  tasks: [
    { key: 'today', name: 'Today', description: 'The date of today, without a model.' },
    { key: 'note', name: 'Note', description: 'Write the note.', dependencies: ['today'] },
  ],
});
console.log(`Agents: ${data.maxAgents}`);
const { results } = await system.coordinator.waitForCompletion(swarmId);
console.log(results.outputs);
console.log(system.coordinator.metrics.exportPrometheusMetrics());
await system.stop();
