import { describe, expect, it } from 'vitest';
import { type Answer, httpFixture, json } from '../test/http-fixture.ts';
import { ClaudeFlowClient } from './client.ts';

const frame = (seq: number, type: string, epoch = 1) =>
  `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({
    type: 'swarm_event',
    swarmId: 's',
    eventType: type,
    seq,
    epoch,
    data: { taskId: 'task_001', name: `n${seq}` },
    timestamp: '2026-01-28T10:30:00.000Z',
  })}\n\n`;
const stream =
  (text: string, then: 'end' | 'cut' | 'stay' = 'end'): Answer =>
  (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`retry: 1000\n\n${text}`, () => {
      if (then === 'end') response.end();
      if (then === 'cut') response.socket?.destroy();
    });
  };

async function collect(client: ClaudeFlowClient, after = 0) {
  const events = [];
  for await (const event of client.events('s', { after })) events.push(event);
  return events;
}
const seqs = (events: { seq: number }[]) => events.map((event) => event.seq);

describe('following a swarm over SSE', () => {
  it('goes on after a cut in the middle of a message, without gap or repeat', async () => {
    const half = frame(3, 'task.started').slice(0, 40);
    await using server = await httpFixture(
      stream(frame(1, 'swarm.created') + frame(2, 'swarm.planned') + half, 'cut'),
      json(503, {}, { 'Retry-After': '0' }),
      // A server that sends one event too many.
      stream(frame(2, 'swarm.planned') + frame(3, 'task.started') + frame(4, 'swarm.completed'), 'stay'),
    );
    const events = await collect(new ClaudeFlowClient(server.url));
    expect(seqs(events)).toEqual([1, 2, 3, 4]);
    expect(server.seen.map((request) => request.headers['last-event-id'])).toEqual(['0', '2-1', '2-1']);
    expect(events[2]).toMatchObject({ type: 'task.started', taskId: 'task_001', data: { name: 'n3' } });
    expect(events[2]?.at).toBe(Date.parse('2026-01-28T10:30:00.000Z'));
  });

  it('ends when the caller has had everything of an ended swarm', async () => {
    await using server = await httpFixture(
      stream(''),
      json(200, { swarmId: 's', data: { status: 'completed', lastEvent: 9 } }),
    );
    expect(await collect(new ClaudeFlowClient(server.url), 9)).toEqual([]);
  });

  it('goes on when a quiet stream is ended while the swarm works', async () => {
    const working = json(200, { swarmId: 's', data: { status: 'executing', lastEvent: 1 } });
    await using server = await httpFixture(
      stream(frame(1, 'swarm.created')),
      working,
      stream(frame(2, 'swarm.stopped')),
    );
    expect(seqs(await collect(new ClaudeFlowClient(server.url)))).toEqual([1, 2]);
  });

  it('takes a new epoch, whose numbers begin anew', async () => {
    await using server = await httpFixture(
      stream(frame(5, 'task.started') + frame(2, 'task.started', 2) + frame(3, 'swarm.failed', 2)),
    );
    expect(seqs(await collect(new ClaudeFlowClient(server.url), 4))).toEqual([5, 2, 3]);
  });

  it.each([401, 404])('throws on %i', async (status) => {
    await using server = await httpFixture(json(status, { message: 'No.' }));
    await expect(collect(new ClaudeFlowClient(server.url))).rejects.toMatchObject({ status });
    expect(server.seen).toHaveLength(1);
  });

  it('gives up a server that stays away', async () => {
    await using server = await httpFixture(json(503, {}, { 'Retry-After': '0' }));
    const client = new ClaudeFlowClient(server.url, { retries: 2 });
    await expect(collect(client)).rejects.toMatchObject({ status: 503 });
    expect(server.seen).toHaveLength(3);
  });

  it('lets go of the connection when the caller has enough', async () => {
    let closed = false;
    await using server = await httpFixture((response, request) => {
      response.on('close', () => {
        closed = true;
      });
      stream(frame(1, 'swarm.created'), 'stay')(response, request);
    });
    for await (const event of new ClaudeFlowClient(server.url).events('s')) if (event.seq === 1) break;
    await expect.poll(() => closed).toBe(true);
  });

  it('ends with the reason of the signal', async () => {
    await using server = await httpFixture(stream(frame(1, 'swarm.created'), 'stay'));
    const abort = new AbortController();
    const events = new ClaudeFlowClient(server.url).events('s', { signal: abort.signal });
    expect((await events.next()).value).toMatchObject({ seq: 1 });
    const next = events.next();
    abort.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
