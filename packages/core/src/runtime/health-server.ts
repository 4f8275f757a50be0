import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import { listen } from './listen.ts';

export interface Readiness {
  ready: boolean;
  /** Why not, in a sentence. */
  reason?: string;
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/livez` (the process answers), `/readyz` (it can do its work) and `/metrics` on a port of its own, for probes
 * and Prometheus inside the cluster. No key: bind it to where only they reach it.
 */
export async function startHealthServer(options: {
  port: number;
  host: string;
  readiness(): Promise<Readiness>;
  /** Left out: no `/metrics`. */
  registry?: Registry;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const path = (request.url ?? '/').split('?')[0];
      if (path === '/livez') return { status: 200, type: 'application/json', body: '{"status":"ok"}' };
      if (path === '/readyz') {
        const readiness = await options.readiness();
        return {
          status: readiness.ready ? 200 : 503,
          type: 'application/json',
          body: JSON.stringify(readiness),
        };
      }
      const { registry } = options;
      if (path === '/metrics' && registry !== undefined) {
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      }
      return { status: 404, type: 'application/json', body: '{"error":"Not found"}' };
    };
    answer().then(
      ({ status, type, body }) => {
        const again = status === 503 ? { 'retry-after': '1' } : {};
        response.writeHead(status, { 'content-type': type, ...again }).end(body);
      },
      () =>
        response
          .writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
          .end('{"ready":false}'),
    );
  });
  const port = await listen(server, options.port, options.host, 'HEALTH_PORT');
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
