import { createDefaultConfig, type HeadlessConfig } from './config.ts';

/** Fields that are taken and change nothing, with the reason. Said at the start when one was changed. */
const WITHOUT_EFFECT: readonly { field: string; of: (config: HeadlessConfig) => unknown; reason: string }[] =
  [
    {
      field: 'api.logging.format',
      of: ({ api }) => api.logging.format,
      reason: 'every request is logged as one JSON line',
    },
    {
      field: 'bridge.enableFallbacks',
      of: ({ bridge }) => bridge.enableFallbacks,
      reason:
        'a plan that a model spoils always falls back to a template, and a failed attempt to the next one',
    },
    {
      field: 'bridge.useSimpleExecutor',
      of: ({ bridge }) => bridge.useSimpleExecutor,
      reason: 'there is one executor: an agent with tools, which needs one turn for a simple task',
    },
    {
      field: 'bridge.useAdvancedExecutor',
      of: ({ bridge }) => bridge.useAdvancedExecutor,
      reason: 'there is one executor: an agent with tools, which needs one turn for a simple task',
    },
    {
      field: 'bridge.enableTaskQueue',
      of: ({ bridge }) => bridge.enableTaskQueue,
      reason: 'tasks reach workers through the queue only; without it a crash would lose them',
    },
    {
      field: 'bridge.memoryLimit',
      of: ({ bridge }) => bridge.memoryLimit,
      reason: 'agents share their process; give it a limit (NODE_OPTIONS, the container)',
    },
    {
      field: 'coordinator.defaultAgentTimeout',
      of: ({ coordinator }) => coordinator.defaultAgentTimeout,
      reason: 'an agent is missed after 10 s without its heartbeat, as everywhere in the fleet',
    },
    {
      field: 'coordinator.enableAutoScaling',
      of: ({ coordinator }) => coordinator.enableAutoScaling,
      reason: 'agents come with the ready tasks, up to maxAgents, and go when another type is needed',
    },
    {
      field: 'coordinator.enableFailover',
      of: ({ coordinator }) => coordinator.enableFailover,
      reason: 'the task of a lost worker is always done by another',
    },
  ];

/** One sentence for each field that differs from its default and has no effect. */
export function withoutEffect(config: HeadlessConfig): string[] {
  const defaults = createDefaultConfig();
  return WITHOUT_EFFECT.filter(({ of }) => of(config) !== of(defaults)).map(
    ({ field, reason }) => `${field} has no effect: ${reason}.`,
  );
}
