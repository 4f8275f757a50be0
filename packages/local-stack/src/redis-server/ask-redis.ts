import { connect } from 'node:net';
import { REDIS_ANSWER_MS } from '../tunables.ts';

/**
 * Sends INFO to the Redis at this loopback port and returns its fields. For the time before any client library
 * is involved. Rejects when nothing answers as Redis does.
 */
export function askRedisInfo(port: number): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = '';
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`Nothing answers as Redis on 127.0.0.1:${port}: ${reason}.`));
    };
    socket.setTimeout(REDIS_ANSWER_MS, () => fail(`no answer within ${REDIS_ANSWER_MS / 1000} s`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('the connection was closed'));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (!answer.startsWith('$')) return fail(answer.trim());
      const length = Number(/^\$(\d+)\r\n/.exec(answer)?.[1] ?? Number.NaN);
      const start = answer.indexOf('\r\n') + 2;
      if (Number.isNaN(length) || Buffer.byteLength(answer) < start + length) return;
      socket.destroy();
      const lines = answer.slice(start).split('\r\n');
      resolve(
        new Map(
          lines.flatMap((line): [string, string][] => {
            const colon = line.indexOf(':');
            return colon < 0 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
          }),
        ),
      );
    });
    socket.write('INFO\r\n');
  });
}
