/** Behaves as our processes do: serves on a free port, says so, and ends when told or when its parent is gone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

console.log(`starting ${process.pid} ${process.env['REDIS_URL'] ?? ''}`);
const server = createServer((_request, response) => response.end(JSON.stringify(process.env)));
const port = Number(process.env['MOCK_PORT'] ?? process.env['PORT'] ?? 0);
server.listen(port, '127.0.0.1', () => {
  const http = (server.address() as AddressInfo).port;
  console.log(JSON.stringify({ level: 30, event: 'process.ready', ports: { http }, msg: 'ready' }));
});
const end = () => {
  console.log('ending');
  process.exit(0);
};
process.on('SIGTERM', end);
process.on('disconnect', end);
