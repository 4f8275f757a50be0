import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Redis } from 'ioredis';

/** The references: the same server with a handler that reads and writes JSON, and one that also makes one durable write. */
const redis = new Redis(process.env['REDIS_URL'] ?? '');
const app = new Hono();
app.post('/bare', async (c) => {
  const { objective } = await c.req.json<{ objective: string }>();
  return c.json({ id: randomUUID(), status: 'planning', data: { objective } }, 201);
});
app.post('/set', async (c) => {
  const body = await c.req.json<{ objective: string }>();
  const id = randomUUID();
  await redis.set(`bare:${id}`, JSON.stringify(body));
  return c.json({ id, status: 'planning', data: body }, 201);
});
app.get('/bare/:id', (c) => c.json({ id: c.req.param('id'), status: 'planning' }));
app.get('/get/:id', async (c) => c.json({ id: c.req.param('id'), data: await redis.get('bare') }));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(JSON.stringify({ event: 'process.ready', ports: { http: port } }));
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
