/**
 * Why an attempt is ended from outside. `cancel`: the swarm has ended. `budget`: it has, for its budget
 * is used up. `fenced`: the task is another attempt's. `lease-doubt`:
 * the lease could not be renewed for so long that another worker may have the task. `pause`: the swarm is
 * paused. `waiting`: people have to decide first. `no-room`: the disk of this worker's workspaces is full. `shutdown`: this
 * worker is stopping.
 */
export type AbortReason =
  | 'cancel'
  | 'budget'
  | 'fenced'
  | 'lease-doubt'
  | 'pause'
  | 'waiting'
  | 'no-room'
  | 'shutdown';

const SENTENCES: Record<AbortReason, string> = {
  cancel: 'The swarm has ended.',
  budget: 'The budget of the swarm is used up.',
  fenced: 'The task has been given to another attempt.',
  'lease-doubt': 'The lease could not be renewed.',
  pause: 'The swarm is paused.',
  waiting: 'The task waits for a decision.',
  'no-room': 'The disk of the worker is full.',
  shutdown: 'The worker is stopping.',
};

/** Not a failure: the attempt stops, and the task's fate is decided elsewhere. */
export class AttemptAborted extends Error {
  override readonly name = 'AttemptAborted';
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super(SENTENCES[reason]);
    this.reason = reason;
  }
}
