/** `plan` and `wake` are the scheduler's, `task` the workers'. */
export const QUEUE_NAMES = { plan: 'plan', task: 'task', wake: 'wake' } as const;
export type QueueName = (typeof QUEUE_NAMES)[keyof typeof QUEUE_NAMES];
