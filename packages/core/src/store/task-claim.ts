/** The right to work on one attempt of a task: every write of a worker carries it, and is refused once it has passed on. */
export interface TaskClaim {
  swarmId: string;
  taskId: string;
  attempt: number;
  token: string;
}
