import { expect, test } from 'vitest';
import { createRespRequestParser } from './resp-requests.ts';

const command = (...words: string[]) =>
  Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);

test('several commands in one piece, each with the index after it', () => {
  const [one, two] = [command('set', 'a', '1'), command('GET', 'a\r\nb')];
  const found = createRespRequestParser().push(Buffer.concat([one, two]));
  expect(found).toEqual([
    { name: 'SET', args: ['a', '1'], end: one.length },
    { name: 'GET', args: ['a\r\nb'], end: one.length + two.length },
  ]);
});

test('a command in pieces of one byte is found in the piece that ends it', () => {
  const bytes = Buffer.concat([command('EVALSHA', 'abc', '0'), command('PING')]);
  const parser = createRespRequestParser();
  const found = [...bytes].flatMap((byte) => parser.push(Buffer.from([byte])));
  expect(found.map(({ name, end }) => ({ name, end }))).toEqual([
    { name: 'EVALSHA', end: 1 },
    { name: 'PING', end: 1 },
  ]);
});

test('lines of words, and long arguments cut short', () => {
  const parser = createRespRequestParser();
  expect(parser.push(Buffer.from('PING hello\r\n'))[0]).toMatchObject({ name: 'PING', args: ['hello'] });
  expect(parser.push(command('SET', 'k', 'x'.repeat(5_000)))[0]?.args[1]).toHaveLength(200);
});
