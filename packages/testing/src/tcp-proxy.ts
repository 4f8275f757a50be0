import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createFlow, type Flow, type FlowMode, type Tap } from './tcp-flow.ts';

/**
 * What happens to data: `pass` it on; `blackhole`: nothing arrives and nobody is told (it arrives when the mode
 * changes, as after a lost network comes back); `delay`: it arrives later; `reset`: connections, present
 * and new, are reset.
 */
export type ProxyMode = 'pass' | 'blackhole' | 'reset' | { delayMs: number };

export interface TcpProxy {
  readonly port: number;
  /** How many connections are open. */
  readonly connections: number;
  /** How many were ever accepted. */
  readonly accepted: number;
  /** Changes what happens from now on, to open connections too. */
  mode(mode: ProxyMode): void;
  /** True: nothing comes back from the target, while what is sent to it arrives; false: what was kept arrives. */
  holdReplies(on: boolean): void;
  /** Resets the open connections, once; new ones are served. */
  reset(): void;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

interface Link {
  client: Socket;
  target: Socket;
  /** To the target, and back. */
  flows: [Flow, Flow];
}

/** A proxy on a free loopback port in front of any TCP port, for tests of networks that fail. */
export async function startTcpProxy(options: {
  targetPort: number;
  targetHost?: string;
  /** Called for each connection: looks at what its client sends. */
  tap?: () => Tap;
}): Promise<TcpProxy> {
  const { targetPort, targetHost = '127.0.0.1', tap } = options;
  const links = new Set<Link>();
  let mode: ProxyMode = 'pass';
  let repliesHeld = false;
  const replyMode = (now: FlowMode): FlowMode => (repliesHeld ? 'blackhole' : now);
  let accepted = 0;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted += 1;
    client.on('error', () => {});
    if (mode === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: targetPort, host: targetHost, allowHalfOpen: true });
    const link: Link = {
      client,
      target,
      flows: [createFlow(client, target, mode, tap?.()), createFlow(target, client, replyMode(mode))],
    };
    links.add(link);
    const end = () => {
      links.delete(link);
      for (const flow of link.flows) flow.stop();
      // A target that refuses or breaks looks so to the client as well.
      client.resetAndDestroy();
      target.destroy();
    };
    client.on('error', end);
    target.on('error', end);
    const forget = () => client.closed && target.closed && links.delete(link);
    client.on('close', forget);
    target.on('close', forget);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, resolve);
  });
  const { port } = server.address() as AddressInfo;

  const drop = (how: (socket: Socket) => void) => {
    for (const { client, target, flows } of links) {
      for (const flow of flows) flow.stop();
      how(client);
      how(target);
    }
    links.clear();
  };
  return {
    port,
    get connections() {
      return links.size;
    },
    get accepted() {
      return accepted;
    },
    mode(next) {
      mode = next;
      if (next === 'reset') drop((socket) => socket.resetAndDestroy());
      else {
        for (const { flows } of links) {
          flows[0].mode(next);
          flows[1].mode(replyMode(next));
        }
      }
    },
    holdReplies(on) {
      repliesHeld = on;
      if (mode === 'reset') return;
      for (const { flows } of links) flows[1].mode(replyMode(mode));
    },
    reset: () => drop((socket) => socket.resetAndDestroy()),
    async close() {
      drop((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
