import { connect } from 'node:net';

/** Sends one line to the Redis at this loopback port and returns the first piece of its answer, as it came. */
export function redisCommand(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setEncoding('utf8');
    socket.once('error', reject);
    socket.once('data', (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.write(`${line}\r\n`);
  });
}
