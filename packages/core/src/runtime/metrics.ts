import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricsOptions {
  /** False: the process's own memory, CPU and event loop are not sampled. */
  resources?: boolean;
}

/** Names and labels of all metrics. Labels are from closed lists, never ids. */
export function createMetrics(service: string, { resources = true }: MetricsOptions = {}) {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (resources) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    transitions: new Counter({
      name: 'claude_flow_transitions_total',
      help: 'Ledger scripts by their outcome',
      labelNames: ['script', 'outcome'],
      registers,
    }),
    scriptSeconds: new Histogram({
      name: 'claude_flow_ledger_script_seconds',
      help: 'Time of one ledger script, with the way to Redis and back',
      labelNames: ['script'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
      registers,
    }),
    sweepVerdicts: new Counter({
      name: 'claude_flow_sweep_verdicts_total',
      help: 'What the sweep found and repaired',
      labelNames: ['verdict'],
      registers,
    }),
    turns: new Counter({
      name: 'claude_flow_turns_total',
      help: 'Swarms that asked for the queue: let through at once, told to wait, let through in turn (at-once, to-wait, in-turn)',
      labelNames: ['how'],
      registers,
    }),
    waitingSwarms: new Gauge({
      name: 'claude_flow_waiting_swarms',
      help: 'Swarms with ready tasks that wait for their turn (told by schedulers)',
      registers,
    }),
    waitingOwners: new Gauge({
      name: 'claude_flow_waiting_owners',
      help: 'Owners of such swarms (told by schedulers)',
      registers,
    }),
    modelCalls: new Counter({
      name: 'claude_flow_model_calls_total',
      help: 'Model calls by model and outcome',
      labelNames: ['model', 'outcome'],
      registers,
    }),
    modelTokens: new Counter({
      name: 'claude_flow_model_tokens_total',
      help: 'Tokens by model and kind (input, output, cache_read, cache_write)',
      labelNames: ['model', 'kind'],
      registers,
    }),
    taskSeconds: new Histogram({
      name: 'claude_flow_task_seconds',
      help: 'Time of one task attempt by agent type and outcome',
      labelNames: ['agent_type', 'outcome'],
      buckets: [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600],
      registers,
    }),
    swarmCreations: new Counter({
      name: 'swarm_creation_total',
      help: 'Swarms whose creation was asked for, by strategy',
      labelNames: ['strategy'],
      registers,
    }),
    swarmCreationSuccess: new Counter({
      name: 'swarm_creation_success',
      help: 'Swarms that were created, by strategy',
      labelNames: ['strategy'],
      registers,
    }),
    swarmCreationErrors: new Counter({
      name: 'swarm_creation_errors',
      help: 'Creations that failed, by strategy and code of the error',
      labelNames: ['strategy', 'error'],
      registers,
    }),
    swarmCreationSeconds: new Histogram({
      name: 'swarm_creation_duration',
      help: 'Seconds until a swarm was created, by strategy',
      labelNames: ['strategy'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    taskExecutionSeconds: new Histogram({
      name: 'task_execution_duration',
      help: 'Seconds of one attempt of a task, by type of task',
      labelNames: ['type'],
      buckets: [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600],
      registers,
    }),
    webhookDeliveries: new Counter({
      name: 'claude_flow_webhook_deliveries_total',
      help: 'Deliveries of events to webhooks: delivered, failed (tried again), given-up',
      labelNames: ['outcome'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'claude_flow_http_request_seconds',
      help: 'Time of one HTTP request by method, route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
