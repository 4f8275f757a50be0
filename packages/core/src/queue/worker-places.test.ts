import { expect, test } from 'vitest';
import { createWorkerPlaces } from './worker-places.ts';

function open(total: number, beside = true) {
  let jobs = total;
  const errors: unknown[] = [];
  const places = createWorkerPlaces({
    total,
    beside,
    limitJobs: (limit) => {
      jobs = limit;
    },
    onError: (error) => errors.push(error),
  });
  const running: PromiseWithResolvers<void>[] = [];
  const start = () => {
    const work = Promise.withResolvers<void>();
    running.push(work);
    return work.promise;
  };
  return { places, start, running, errors, jobs: () => jobs };
}

test('half of the free places but one are kept, not more than wanted; the queue has what is left', () => {
  const { places, start, jobs } = open(10);
  void places.deliver(start());
  expect(places.free).toBe(9);
  expect(places.keep(2).count).toBe(2);
  expect(places.free).toBe(7);
  expect(places.keep(100).count).toBe(3);
  expect(jobs()).toBe(5);
  expect(places.keep(100).count).toBe(1);
  expect(places.keep(100).count).toBe(1);
  expect(places.keep(100).count).toBe(0);
  // Its own job, one whose fetch is under way, and what is still free.
  expect(jobs()).toBeGreaterThanOrEqual(2);
});

test('work that was handed over has its place until it ends; what was not used is the queue’s again', async () => {
  const { places, start, running, jobs } = open(10);
  places.keep(4).use([start, start]);
  expect(places.free).toBe(8);
  expect(jobs()).toBe(8);
  expect(places.atWork.size).toBe(2);
  running[0]?.resolve();
  await Promise.resolve(running[0]?.promise);
  await expect.poll(() => places.free).toBe(9);
  running[1]?.resolve();
  await expect.poll(() => jobs()).toBe(10);
  expect(places.atWork.size).toBe(0);
});

test('work that fails gives its place back and is told', async () => {
  const { places, errors } = open(5);
  const broken = new Error('broken');
  places.keep(1).use([() => Promise.reject(broken)]);
  await expect.poll(() => errors).toEqual([broken]);
  expect(places.free).toBe(5);
  await expect(places.deliver(Promise.reject(broken))).rejects.toBe(broken);
  expect(places.free).toBe(5);
});

test('a single place, and a fleet whose agents are counted by their jobs, hand nothing over beside it', () => {
  expect(open(1).places.keep(5).count).toBe(0);
  expect(open(100, false).places.keep(5).count).toBe(0);
});
