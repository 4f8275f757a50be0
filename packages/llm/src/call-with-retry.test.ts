import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { callWithRetry, type RetryNotice } from './call-with-retry.ts';

const fast = { baseMs: 1, capMs: 4, retryBudgetMs: 5_000, overloadBudgetMs: 5_000 };
const never = () => new AbortController().signal;

function failure(status: number, headers: Record<string, string> = {}) {
  const body = { type: 'error', error: { type: 'x', message: 'm' } };
  return Anthropic.APIError.generate(status, body, undefined, new Headers(headers));
}

/** Throws the given errors one after the other, then answers. */
function script(...errors: Error[]) {
  let calls = 0;
  return {
    call: async () => {
      const error = errors[calls];
      calls += 1;
      if (error !== undefined) throw error;
      return 'done';
    },
    get calls() {
      return calls;
    },
  };
}

describe('callWithRetry', () => {
  it('tries again until it works, and tells of each wait', async () => {
    const notices: RetryNotice[] = [];
    const model = script(failure(529), failure(500), new Anthropic.AnthropicError('terminated'));
    const answer = await callWithRetry(model.call, {
      signal: never(),
      limits: fast,
      random: () => 1,
      onRetry: (notice) => notices.push(notice),
    });
    expect(answer).toBe('done');
    expect(notices.map((n) => [n.failures, n.delayMs, n.failure.kind])).toEqual([
      [1, 1, 'overloaded'],
      [2, 2, 'retry'],
      [3, 4, 'retry'],
    ]);
  });

  it('keeps to retry-after, with a little on top', async () => {
    const notices: RetryNotice[] = [];
    const model = script(failure(429, { 'retry-after-ms': '20' }));
    const onRetry = (notice: RetryNotice) => notices.push(notice);
    await callWithRetry(model.call, { signal: never(), limits: fast, random: () => 1, onRetry });
    expect(notices[0]?.delayMs).toBe(22);
  });

  it.each([
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['0.001', undefined],
    ['Sun, 06 Nov 1994 08:49:37 GMT', undefined],
    ['9'.repeat(40), undefined],
    ['0', '0'],
    ['0', '-1'],
    ['0', '1.5'],
  ])('never waits less than its own back-off, whatever retry-after says (%s, %s ms)', async (after, ms) => {
    const notices: RetryNotice[] = [];
    const headers = { 'retry-after': after, ...(ms === undefined ? {} : { 'retry-after-ms': ms }) };
    const model = script(failure(429, headers), failure(429, headers));
    const onRetry = (notice: RetryNotice) => notices.push(notice);
    const options = { signal: never(), limits: fast, random: () => 1, onRetry };
    expect(await callWithRetry(model.call, options)).toBe('done');
    expect(notices.map((n) => n.delayMs)).toEqual([1, 2]);
  });

  it('does not repeat what is rejected', async () => {
    const model = script(failure(401));
    await expect(callWithRetry(model.call, { signal: never(), limits: fast })).rejects.toMatchObject({
      code: 'model_rejected',
      retryable: false,
    });
    expect(model.calls).toBe(1);
  });

  it('gives up when the time is used, or when the provider asks for more than there is', async () => {
    const limits = { ...fast, overloadBudgetMs: 50 };
    const long = script(failure(429, { 'retry-after': '60' }));
    await expect(callWithRetry(long.call, { signal: never(), limits })).rejects.toMatchObject({
      code: 'model_unavailable',
      retryable: true,
      cause: expect.any(Anthropic.RateLimitError),
    });
    expect(long.calls).toBe(1);

    const busy = script(...Array.from({ length: 500 }, () => failure(529)));
    await expect(callWithRetry(busy.call, { signal: never(), limits })).rejects.toThrow(/Tried \d+ times/);
    expect(busy.calls).toBeLessThan(500);
  });

  it('stops waiting at once when aborted, and makes no further call', async () => {
    const stop = new AbortController();
    const model = script(failure(529, { 'retry-after': '3600' }));
    const limits = { ...fast, overloadBudgetMs: 10_000_000 };
    const running = callWithRetry(model.call, {
      signal: stop.signal,
      limits,
      onRetry: () => stop.abort(new Error('stopped by a person')),
    });
    await expect(running).rejects.toThrow('stopped by a person');
    expect(model.calls).toBe(1);
  });

  it('makes no call at all when aborted before', async () => {
    const model = script();
    await expect(
      callWithRetry(model.call, { signal: AbortSignal.abort(new Error('early')) }),
    ).rejects.toThrow('early');
    expect(model.calls).toBe(0);
  });

  it('asks before each repetition, and ends with what is thrown there', async () => {
    const model = script(failure(529), failure(500), failure(529));
    const asked: number[] = [];
    const spent = new Error('the budget is used up');
    const running = callWithRetry(model.call, {
      signal: never(),
      limits: fast,
      beforeRetry: async ({ failures }) => {
        asked.push(failures);
        if (failures === 2) throw spent;
      },
    });
    await expect(running).rejects.toBe(spent);
    expect(asked).toEqual([1, 2]);
    expect(model.calls).toBe(2);
  });

  it('ends a wait, but not a call, on the wait signal', async () => {
    const drain = new AbortController();
    let calls = 0;
    const work = async () => {
      calls += 1;
      drain.abort(new Error('draining'));
      if (calls === 1) throw failure(529);
      return 'done';
    };
    await expect(
      callWithRetry(work, { signal: never(), waitSignal: drain.signal, limits: fast }),
    ).rejects.toThrow('draining');
    calls = 1;
    expect(await callWithRetry(work, { signal: never(), waitSignal: drain.signal, limits: fast })).toBe(
      'done',
    );
  });
});
