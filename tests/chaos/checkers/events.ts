import { type FinalEntry, ofKind } from '../history.ts';
import { type Checker, perSwarm, SWARM_ENDS, type Violation } from './violation.ts';

const INVARIANT = 'event seq is 1..n per swarm without gap or repeat across reconnects';

export const logIsGapFree = perSwarm(INVARIANT, ({ log }) => {
  const wrong = log.findIndex((event, index) => event.seq !== index + 1);
  return wrong === -1 ? [] : [`Entry ${wrong + 1} of the log is event ${log[wrong]?.seq}.`];
});

/** Each reader got 1, 2, 3 ... over all its connections, the same events as the log, and the end when there is one. */
export const readersSeeAll: Checker = (entries) => {
  const finals = new Map(ofKind(entries, 'final').map((final) => [final.swarmId, final]));
  const readers = new Map<string, Extract<(typeof entries)[number], { kind: 'event' }>[]>();
  for (const entry of ofKind(entries, 'event')) {
    const key = `${entry.reader} ${entry.event.swarmId}`;
    const got = readers.get(key);
    if (got === undefined) readers.set(key, [entry]);
    else got.push(entry);
  }
  return [...readers.values()].flatMap((got) => {
    const [first] = got;
    if (first === undefined) return [];
    return oneReader(
      first.reader,
      got.map(({ event }) => event),
      finals.get(first.event.swarmId),
    );
  });
};

function oneReader(reader: string, got: FinalEntry['log'], final: FinalEntry | undefined): Violation[] {
  const swarmId = got[0]?.swarmId ?? '';
  const violation = (seen: string) => ({ invariant: INVARIANT, swarmId, seen: `Reader ${reader}: ${seen}` });
  const wrong = got.findIndex((event, index) => event.seq !== index + 1);
  if (wrong !== -1) return [violation(`event ${got[wrong]?.seq} came where ${wrong + 1} was due.`)];
  if (final === undefined) return [];
  const other = got.find((event) => {
    const there = final.log[event.seq - 1];
    return there === undefined || there.type !== event.type || there.taskId !== event.taskId;
  });
  if (other !== undefined) return [violation(`event ${other.seq} (${other.type}) is not so in the log.`)];
  const ended = SWARM_ENDS.includes(final.log.at(-1)?.type ?? '');
  if (ended && got.length !== final.log.length) {
    return [violation(`got ${got.length} of ${final.log.length} events.`)];
  }
  return [];
}
