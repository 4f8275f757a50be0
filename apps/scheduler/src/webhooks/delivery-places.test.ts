import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeliveryPlaces, type Destination } from './delivery-places.ts';
import { PLACES } from './tunables.ts';

/** Deliveries end when the test says so. */
function places(limits = PLACES) {
  const running = new Map<string, () => void>();
  const begun: string[] = [];
  const one = createDeliveryPlaces({
    limits,
    deliver: (swarmId) => {
      begun.push(swarmId);
      return new Promise((resolve) => running.set(swarmId, resolve));
    },
    onError: () => undefined,
  });
  return {
    ...one,
    begun,
    running,
    async end(swarmId: string, quick?: boolean) {
      if (quick !== undefined) one.note(swarmId, quick);
      running.get(swarmId)?.();
      running.delete(swarmId);
      // Whatever begins in its place has begun.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const offerMany = (
  to: ReturnType<typeof places>,
  count: number,
  at: (nth: number) => Destination & { name: string },
) => {
  for (let nth = 0; nth < count; nth += 1) {
    const { name, ...destination } = at(nth);
    to.offer(name, destination);
  }
};

describe('receivers that hang', () => {
  it('one of an owner’s holds two places, and its other receivers begin at once', () => {
    const all = places();
    offerMany(all, 500, (nth) => ({ owner: 'a', host: 'hangs', name: `hangs ${nth}` }));
    expect(all.running.size).toBe(2);
    all.offer('other', { owner: 'a', host: 'other' });
    expect(all.running.has('other')).toBe(true);
  });

  it('many of one owner leave that owner’s answering ones a quarter', async () => {
    const all = places();
    all.offer('first', { owner: 'a', host: 'answers' });
    await all.end('first', true);
    offerMany(all, 500, (nth) => ({ owner: 'a', host: `hangs ${nth}`, name: `hangs ${nth}` }));
    expect(all.running.size).toBe(PLACES.unprovenOfOwner);
    all.offer('second', { owner: 'a', host: 'answers' });
    expect(all.running.has('second')).toBe(true);
  });

  it('of many owners leave a quarter of all places to receivers that answer', async () => {
    const all = places();
    all.offer('first', { owner: 'mine', host: 'answers' });
    await all.end('first', true);
    offerMany(all, 5_000, (nth) => ({
      owner: `owner ${nth % 500}`,
      host: `hangs ${nth}`,
      name: `hangs ${nth}`,
    }));
    expect(all.running.size).toBe(PLACES.unproven);
    offerMany(all, 5, (nth) => ({ owner: 'mine', host: 'answers', name: `mine ${nth}` }));
    expect([...all.running.keys()].filter((name) => name.startsWith('mine'))).toHaveLength(5);
  });

  it.each([1, 4, 20, 50])('of %i owners leave a place for a receiver that nobody knows yet', (owners) => {
    const all = places();
    offerMany(all, 5_000, (nth) => ({
      owner: `owner ${nth % owners}`,
      host: `hangs ${nth}`,
      name: `hangs ${nth}`,
    }));
    all.offer('mine', { owner: 'mine', host: 'new' });
    expect(all.running.has('mine')).toBe(true);
  });

  it('of ever so many: a new owner is next, however many wait', async () => {
    const all = places();
    offerMany(all, 5_000, (nth) => ({
      owner: `owner ${nth % 80}`,
      host: `hangs ${nth}`,
      name: `hangs ${nth}`,
    }));
    all.offer('mine', { owner: 'mine', host: 'new' });
    expect(all.running.has('mine')).toBe(false);
    for (const name of [...all.running.keys()].slice(0, 6)) await all.end(name);
    expect(all.running.has('mine')).toBe(true);
  });

  it('a receiver that was known to answer loses its places as soon as it does not', async () => {
    const all = places();
    all.offer('first', { owner: 'a', host: 'turns' });
    await all.end('first', true);
    offerMany(all, 100, (nth) => ({ owner: 'a', host: 'turns', name: `turns ${nth}` }));
    expect(all.running.size).toBe(13);
    all.note('turns 0', false);
    for (const name of [...all.running.keys()]) await all.end(name);
    expect(all.running.size).toBe(2);
  });
});

it('what is asked for while it is under way is looked at once more', async () => {
  const all = places();
  const to = { owner: 'a', host: 'x' };
  for (let again = 0; again < 3; again += 1) all.offer('one', to);
  await all.end('one');
  expect(all.begun).toEqual(['one', 'one']);
  await all.end('one');
  expect(all.begun).toEqual(['one', 'one']);
});

it('after the end nothing begins, and what is under way is waited for', async () => {
  const all = places();
  offerMany(all, 5, (nth) => ({ owner: 'a', host: 'x', name: `${nth}` }));
  const closed = all.close();
  all.offer('late', { owner: 'b', host: 'y' });
  for (const name of [...all.running.keys()]) await all.end(name);
  await closed;
  expect(all.begun).toEqual(['0', '1']);
});

it('holds to its limits, and whatever waits begins in the end', async () => {
  const limits = {
    ...PLACES,
    total: 10,
    ofOwner: 5,
    unproven: 7,
    unprovenOfOwner: 3,
    unprovenOfReceiver: 2,
  };
  const step = fc.record({
    owner: fc.nat(5),
    host: fc.nat(5),
    // Offers are more than ends, so that some wait.
    end: fc.option(fc.record({ which: fc.nat(20), quick: fc.option(fc.boolean()) }), { freq: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const all = places(limits);
      const owners = new Map<string, string>();
      for (const [nth, { owner, host, end }] of steps.entries()) {
        owners.set(`${nth}`, `${owner}`);
        all.offer(`${nth}`, { owner: `${owner}`, host: `${host}` });
        const names = [...all.running.keys()];
        const ending = end === null ? undefined : names[end.which % Math.max(1, names.length)];
        if (ending !== undefined) await all.end(ending, end?.quick ?? undefined);
        const held = [...all.running.keys()].map((name) => owners.get(name));
        expect(held.length).toBeLessThanOrEqual(limits.total);
        for (const each of new Set(held))
          expect(held.filter((one) => one === each).length).toBeLessThanOrEqual(limits.ofOwner);
      }
      while (all.running.size > 0) for (const name of [...all.running.keys()]) await all.end(name);
      expect([...all.begun].sort()).toEqual([...owners.keys()].sort());
    }),
    { numRuns: 60 },
  );
});
