import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

/** The reference: the least that gets a message of Redis to WebSocket clients. No history, no owners, no limits. */
const redis = new Redis(process.env['REDIS_URL'] ?? '');
await redis.subscribe(process.env['CHANNEL'] ?? '');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
redis.on('message', (_channel, text) => {
  for (const client of server.clients) client.send(text);
});
server.on('listening', () => {
  const { port } = server.address() as { port: number };
  console.log(JSON.stringify({ event: 'process.ready', ports: { http: port } }));
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
