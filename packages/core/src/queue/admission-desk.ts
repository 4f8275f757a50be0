import { QUIET_REPORT_MS } from '../runtime/tunables.ts';
import { type AdmissionNews, admit, type Grant } from '../store/admission.ts';
import type { Ledger } from '../store/ledger.ts';

interface Visit {
  news: AdmissionNews;
  resolve(grants: Grant[]): void;
  reject(error: unknown): void;
}

interface Desk {
  /** They wait for the next trip. */
  visits: Visit[];
  /** A trip at the end of this turn of the event loop. */
  soon?: NodeJS.Immediate | undefined;
  /** A trip for those who are in no hurry. */
  later?: NodeJS.Timeout | undefined;
}

/** By the ledger they belong to. */
const desks = new WeakMap<Ledger, Desk>();

/**
 * Tells admission the news; all who come within one turn of the event loop share one trip to Redis.
 * @param hurry false: with the next trip of somebody else, or after a short while
 * @returns what this caller is to queue; what belongs to none of those who came goes to the first of them
 */
export function visitAdmission(ledger: Ledger, news: AdmissionNews, hurry = true): Promise<Grant[]> {
  const desk = desks.get(ledger) ?? { visits: [] };
  desks.set(ledger, desk);
  return new Promise((resolve, reject) => {
    desk.visits.push({ news, resolve, reject });
    if (hurry) desk.soon ??= setImmediate(() => void leave(ledger, desk));
    // Unreferenced: a process need not live on for this, the reservation ends by itself.
    else desk.later ??= setTimeout(() => void leave(ledger, desk), QUIET_REPORT_MS).unref();
  });
}

async function leave(ledger: Ledger, desk: Desk): Promise<void> {
  const visits = desk.visits.splice(0);
  clearImmediate(desk.soon);
  clearTimeout(desk.later);
  desk.soon = undefined;
  desk.later = undefined;
  try {
    const grants = await admit(
      ledger,
      visits.map((visit) => visit.news),
    );
    const left = new Set(grants);
    const shares = visits.map(({ news }) => {
      const mine = grants.filter((grant) => left.has(grant) && concerns(news, grant.swarmId));
      for (const grant of mine) left.delete(grant);
      return mine;
    });
    shares[0]?.push(...left);
    for (const [index, visit] of visits.entries()) visit.resolve(shares[index] ?? []);
  } catch (error) {
    for (const visit of visits) visit.reject(error);
  }
}

function concerns({ loads = [] }: AdmissionNews, swarmId: string): boolean {
  return loads.some((load) => load.swarmId === swarmId);
}
