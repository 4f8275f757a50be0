import { type AdmissionNews, admit, type Grant } from '../store/admission.ts';
import type { Ledger } from '../store/ledger.ts';

interface Visit {
  news: AdmissionNews;
  resolve(grants: Grant[]): void;
  reject(error: unknown): void;
}

/** Visits that wait for the next trip, by the ledger they belong to. */
const desks = new WeakMap<Ledger, Visit[]>();

/**
 * Tells admission the news; all who come within one turn of the event loop share one trip to Redis.
 * @returns what this caller is to queue; what belongs to none of those who came goes to the first of them
 */
export function visitAdmission(ledger: Ledger, news: AdmissionNews): Promise<Grant[]> {
  return new Promise((resolve, reject) => {
    const visit = { news, resolve, reject };
    const waiting = desks.get(ledger);
    if (waiting !== undefined) {
      waiting.push(visit);
      return;
    }
    const visits = [visit];
    desks.set(ledger, visits);
    setImmediate(() => {
      desks.delete(ledger);
      void serve(ledger, visits);
    });
  });
}

async function serve(ledger: Ledger, visits: readonly Visit[]): Promise<void> {
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
