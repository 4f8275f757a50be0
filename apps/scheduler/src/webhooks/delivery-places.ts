/** Who a delivery is for, and where it goes. */
export interface Destination {
  owner: string;
  /** The receiver's host and port. */
  host: string;
}

export interface PlaceLimits {
  /** Deliveries side by side. */
  total: number;
  ofOwner: number;
  /** Of these, to receivers that are not known to answer: they may hold their places for as long as a delivery may take. */
  unproven: number;
  unprovenOfOwner: number;
  unprovenOfReceiver: number;
  /** Swarms that wait for a place, of each receiver; more are left to the next look. */
  waitingOfReceiver: number;
  /** Receivers remembered because they answer. */
  remembered: number;
}

/** How many deliveries are under way. */
export interface Held {
  total: number;
  ofOwner: number;
  ofReceiver: number;
  unproven: number;
  unprovenOfOwner: number;
}

/**
 * Pure. May one more begin? Nobody takes more than what is left: n owners whose receivers all hang leave about one place in n + 1, and
 * so do an owner's receivers to that owner's others.
 * @param proven the receiver is known to answer
 */
export function mayBegin(held: Held, limits: PlaceLimits, proven: boolean): boolean {
  const free = limits.total - held.total;
  if (held.ofOwner >= Math.min(limits.ofOwner, free)) return false;
  if (held.ofReceiver >= limits.ofOwner - held.ofOwner) return false;
  if (proven) return true;
  const freeUnproven = limits.unproven - held.unproven;
  return (
    held.ofReceiver < limits.unprovenOfReceiver &&
    held.unprovenOfOwner < Math.min(limits.unprovenOfOwner, freeUnproven)
  );
}

export interface DeliveryPlaces {
  /** Delivers what this swarm has as soon as there is a place for it. Asked for again meanwhile, it is looked at once more. */
  offer(swarmId: string, to: Destination): void;
  /** What is known of a receiver by now: it answered quickly, or did not. */
  note(swarmId: string, quick: boolean): void;
  /** Begins no more, and resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface DeliveryPlacesDeps {
  limits: PlaceLimits;
  deliver(swarmId: string): Promise<void>;
  onError(error: unknown, swarmId: string): void;
}

/** Places of this process. Whoever waits has its turn by owners, then by an owner's receivers, those with the fewest places first. */
export function createDeliveryPlaces({ limits, deliver, onError }: DeliveryPlacesDeps): DeliveryPlaces {
  const underWay = new Map<string, Destination & { again: boolean; done: Promise<void> }>();
  /** By owner, then by host, of these the one first that was served longest ago. */
  const waiting = new Map<string, Map<string, Set<string>>>();
  /** When each owner was served last, as a count; of those that wait or have something under way. */
  const served = new Map<string, number>();
  let services = 0;
  const proven = new Set<string>();
  let closed = false;

  const receiverOf = ({ owner, host }: Destination) => `${host} ${owner}`;
  const isProven = (to: Destination) => proven.has(receiverOf(to));

  /** Counted once, and asked for many destinations. */
  function counted(): (to: Destination) => Held {
    const owners = new Map<string, { all: number; unproven: number }>();
    const receivers = new Map<string, number>();
    let unproven = 0;
    for (const to of underWay.values()) {
      const more = isProven(to) ? 0 : 1;
      const { all, unproven: before } = owners.get(to.owner) ?? { all: 0, unproven: 0 };
      owners.set(to.owner, { all: all + 1, unproven: before + more });
      receivers.set(receiverOf(to), (receivers.get(receiverOf(to)) ?? 0) + 1);
      unproven += more;
    }
    return (to) => ({
      total: underWay.size,
      ofOwner: owners.get(to.owner)?.all ?? 0,
      ofReceiver: receivers.get(receiverOf(to)) ?? 0,
      unproven,
      unprovenOfOwner: owners.get(to.owner)?.unproven ?? 0,
    });
  }

  /** Whose turn it is: an owner with the fewest places, of several the one served longest ago; there a receiver with the fewest. */
  function next(): { swarmId: string; to: Destination } | undefined {
    const heldBy = counted();
    let best: { swarmId: string; to: Destination; held: Held } | undefined;
    for (const [owner, hosts] of waiting) {
      for (const [host, swarms] of hosts) {
        const to = { owner, host };
        const held = heldBy(to);
        const behind =
          best === undefined
            ? -1
            : held.ofOwner - best.held.ofOwner || (served.get(owner) ?? 0) - (served.get(best.to.owner) ?? 0);
        // No receiver of this owner is nearer to its turn.
        if (behind > 0) break;
        const sooner =
          best === undefined ||
          behind < 0 ||
          (owner === best.to.owner && held.ofReceiver < best.held.ofReceiver);
        const [swarmId] = swarms;
        if (sooner && swarmId !== undefined && mayBegin(held, limits, isProven(to)))
          best = { swarmId, to, held };
      }
    }
    return best;
  }

  /** Takes one out, and puts its receiver behind its owner's others. */
  function takeOut(swarmId: string, { owner, host }: Destination): void {
    const hosts = waiting.get(owner);
    const swarms = hosts?.get(host);
    if (hosts === undefined || swarms === undefined) return;
    swarms.delete(swarmId);
    hosts.delete(host);
    if (swarms.size > 0) hosts.set(host, swarms);
    if (hosts.size === 0) waiting.delete(owner);
  }

  function begin(swarmId: string, to: Destination): void {
    services += 1;
    served.set(to.owner, services);
    const done = deliver(swarmId)
      .catch((error: unknown) => onError(error, swarmId))
      .then(() => {
        const again = underWay.get(swarmId)?.again === true;
        underWay.delete(swarmId);
        if (again) offer(swarmId, to);
        beginWaiting();
        if (!waiting.has(to.owner) && counted()(to).ofOwner === 0) served.delete(to.owner);
      });
    underWay.set(swarmId, { ...to, again: false, done });
  }

  function beginWaiting(): void {
    while (!closed && underWay.size < limits.total) {
      const found = next();
      if (found === undefined) return;
      takeOut(found.swarmId, found.to);
      begin(found.swarmId, found.to);
    }
  }

  function offer(swarmId: string, to: Destination): void {
    if (closed) return;
    const running = underWay.get(swarmId);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const hosts = waiting.get(to.owner) ?? new Map<string, Set<string>>();
    const swarms = hosts.get(to.host) ?? new Set<string>();
    if (swarms.has(swarmId)) return;
    // None of those that wait could begin; so only this one is to be looked at, and only behind those of its own receiver.
    if (swarms.size === 0 && mayBegin(counted()(to), limits, isProven(to))) begin(swarmId, to);
    else if (swarms.size < limits.waitingOfReceiver)
      waiting.set(to.owner, hosts.set(to.host, swarms.add(swarmId)));
  }

  return {
    offer,
    note(swarmId, quick) {
      const to = underWay.get(swarmId);
      if (to === undefined) return;
      const receiver = receiverOf(to);
      proven.delete(receiver);
      if (!quick) return;
      proven.add(receiver);
      const [oldest] = proven;
      if (proven.size > limits.remembered && oldest !== undefined) proven.delete(oldest);
      beginWaiting();
    },
    async close() {
      closed = true;
      waiting.clear();
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
}
