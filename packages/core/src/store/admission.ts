import { ulid } from 'ulid';
import { OUTCOME } from '../redis/outcomes.ts';
import { CAPACITY_TTL_MS, RESERVATION_MS, RESERVATION_USE_MS, START_GRACE_MS } from '../runtime/tunables.ts';
import { type Ledger, transition } from './ledger.ts';
import type { SwarmLoad } from './swarm-load.ts';

/** Leave to queue so many attempts of a swarm. Given back with a report of the swarm, or by itself after a while. */
export interface Grant {
  swarmId: string;
  attempts: number;
  reservation: string;
  /** By `performance.now()`: later the reservation may be over before the work is written down. */
  useBefore: number;
}

/** What one caller has to say to admission. */
export interface AdmissionNews {
  loads?: readonly SwarmLoad[];
  /** Reservations that were used, or not needed; the loads tell what became of them. */
  releases?: readonly string[];
}

/** Attempts let through by one run of the script; the dispatcher goes on until none is left. */
const TAKE = 200;

/**
 * Tells the news of all callers of the same moment and takes what may be queued now: owners in turn, the oldest swarm of
 * an owner first.
 */
export async function admit(ledger: Ledger, news: readonly AdmissionNews[], take = TAKE): Promise<Grant[]> {
  const reports = news.flatMap(({ loads = [], releases = [] }) =>
    loads.map(({ swarmId, state, owner, seq, busy, wanted }) => ({
      id: swarmId,
      state,
      owner: ledger.keys.ownerTag(owner),
      seq,
      busy,
      wanted,
      letThrough: releases.length > 0,
    })),
  );
  const useBefore = performance.now() + RESERVATION_USE_MS;
  const [, ...rest] = await transition(ledger, 'admit', 'admission', {
    reports: JSON.stringify(reports),
    releases: JSON.stringify(news.flatMap(({ releases = [] }) => releases)),
    nonce: ulid(),
    take,
    maxAgents: ledger.maxAgents ?? 0,
    lastsMs: RESERVATION_MS,
    graceMs: START_GRACE_MS,
  });
  const grants: Grant[] = [];
  for (let i = 0; i + 2 < rest.length; i += 3) {
    grants.push({
      swarmId: String(rest[i]),
      attempts: Number(rest[i + 1]),
      reservation: String(rest[i + 2]),
      useBefore,
    });
  }
  return grants;
}

/**
 * Takes the swarm's place among those started; call it before the start. Whatever becomes of it, dispatch the swarm
 * afterwards: that reports it, and a place that was not used is free again after a while.
 * @throws ClaudeFlowError `limit_exceeded`
 */
export async function reserveStart(
  ledger: Ledger,
  swarm: { id: string; owner: string },
  maxSwarms: number,
): Promise<void> {
  const owner = ledger.keys.ownerTag(swarm.owner);
  await transition(ledger, 'reserve-start', 'admission', { swarmId: swarm.id, owner, maxSwarms });
}

/**
 * A worker says how many tasks it takes at a time, and that it lives. 0: it takes none any more.
 * @returns whether this changed the fleet's capacity
 */
export async function setCapacity(ledger: Ledger, workerId: string, concurrency: number): Promise<boolean> {
  const [outcome] = await transition(ledger, 'set-capacity', 'admission', {
    workerId,
    concurrency,
    ttlMs: CAPACITY_TTL_MS,
  });
  return outcome === OUTCOME.ok;
}

/** Has the swarm an account? It then stands in line if it wants anything; otherwise it has to be reported first. */
export async function hasAccount(ledger: Ledger, swarmId: string): Promise<boolean> {
  return (await ledger.redis.hexists(ledger.keys.admission('accounts'), swarmId)) === 1;
}

/** Swarms with an account, a page at a time. @param cursor `0` to begin; the answer's is `0` when all were seen */
export async function scanAccounts(
  ledger: Ledger,
  cursor: string,
  count: number,
): Promise<{ cursor: string; swarmIds: string[] }> {
  const [next, flat] = await ledger.redis.hscan(ledger.keys.admission('accounts'), cursor, 'COUNT', count);
  return { cursor: next, swarmIds: flat.filter((_, index) => index % 2 === 0) };
}

export interface AdmissionTotals {
  /** Attempts queued or running, as far as reported. */
  busy: number;
  /** Attempts let through and not reported yet. */
  reserved: number;
  /** Tasks that the living workers take at the same time. */
  capacity: number;
  /** Swarms that are started and have not ended. */
  started: number;
  /** Swarms that stand in line. */
  waiting: number;
}

export async function readAdmission(ledger: Ledger): Promise<AdmissionTotals> {
  const { redis, keys } = ledger;
  const [[busy, reserved, capacity], started, waiting] = await Promise.all([
    redis.hmget(keys.admission('totals'), 'busy', 'reserved', 'capacity'),
    redis.hlen(keys.admission('accounts')),
    redis.zcard(keys.admission('waiting')),
  ]);
  return {
    busy: Number(busy ?? 0),
    reserved: Number(reserved ?? 0),
    capacity: Number(capacity ?? 0),
    started,
    waiting,
  };
}
