/** `plan`, `wake` and `webhook` are the scheduler's, `task` the workers'. */
export const QUEUE_NAMES = { plan: 'plan', task: 'task', wake: 'wake', webhook: 'webhook' } as const;
export type QueueName = (typeof QUEUE_NAMES)[keyof typeof QUEUE_NAMES];
