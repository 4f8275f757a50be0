/** Free places kept from the queue while a completion is under way that may fill them. */
export interface KeptPlaces {
  readonly count: number;
  /** Starts work in as many of them; the others are the queue's again. Call it once, whatever came of the completion. */
  use(starts: readonly (() => Promise<void>)[]): void;
}

/** The places of a worker: one task at a time in each, given by the queue or handed over. */
export interface WorkerPlaces {
  readonly total: number;
  /** WorkerPlaces in which nobody works, and that are kept for nobody. */
  readonly free: number;
  /** Work under way. */
  readonly atWork: ReadonlySet<Promise<void>>;
  /** Work in the place that a delivered job has. */
  deliver(work: Promise<void>): Promise<void>;
  /** As many as wanted, for tasks handed over beside the one that goes on in the place of its predecessor; at most half. */
  keep(wanted: number): KeptPlaces;
}

/**
 * @param options.beside false: nothing is handed over but into the place of the task that ended
 * @param options.limitJobs tells the consumer how many jobs it may have at once from now on, at least 1
 * @param options.onError work that was handed over and failed
 */
export function createWorkerPlaces(options: {
  total: number;
  beside: boolean;
  limitJobs(jobs: number): void;
  onError(error: unknown): void;
}): WorkerPlaces {
  const { total } = options;
  const atWork = new Set<Promise<void>>();
  let delivered = 0;
  let handedOver = 0;
  let kept = 0;
  const free = () => total - delivered - handedOver - kept;
  const tell = () => options.limitJobs(Math.max(1, total - handedOver - kept));

  async function track(work: Promise<void>): Promise<void> {
    atWork.add(work);
    await work.finally(() => atWork.delete(work));
  }

  async function begin(start: () => Promise<void>): Promise<void> {
    try {
      await track(start());
    } catch (error) {
      options.onError(error);
    } finally {
      handedOver -= 1;
      tell();
    }
  }

  return {
    total,
    get free() {
      return free();
    },
    atWork,
    async deliver(work) {
      delivered += 1;
      try {
        await track(work);
      } finally {
        delivered -= 1;
      }
    },
    keep(wanted) {
      // One stays for the job whose fetch is under way, and half of the others for what other workers send.
      const atMost = options.beside ? Math.floor((free() - 1) / 2) : 0;
      const count = Math.max(0, Math.min(wanted, atMost));
      kept += count;
      if (count > 0) tell();
      return {
        count,
        use(starts) {
          kept -= count;
          handedOver += starts.length;
          if (count > 0) tell();
          for (const start of starts) void begin(start);
        },
      };
    },
  };
}
