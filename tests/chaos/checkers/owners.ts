import { ofKind } from '../history.ts';
import type { Checker } from './violation.ts';

const INVARIANT = 'another owner sees nothing';

/** What an API that works says to somebody whose swarm it is not; 5xx while it cannot. */
const REFUSED = (status: number) => status === 404 || status === 429 || status >= 500;

/** Who asks for another's swarm is told that there is none, and lists name only one's own. */
export const othersSeeNothing: Checker = (entries) =>
  ofKind(entries, 'foreign').flatMap(({ asked, swarmId, status, listed, own }) => {
    if (listed !== undefined) {
      const strange = listed.filter((id) => id !== own);
      const missing = own === undefined || listed.includes(own) ? [] : [`${asked} lacks their own ${own}.`];
      return [...strange.map((id) => `${asked} names ${id}, which is another's.`), ...missing].map(
        (seen) => ({ invariant: INVARIANT, seen }),
      );
    }
    if (REFUSED(status)) return [];
    const where = swarmId === undefined ? {} : { swarmId };
    return [
      { invariant: INVARIANT, ...where, seen: `${asked} by another owner is answered with ${status}.` },
    ];
  });
