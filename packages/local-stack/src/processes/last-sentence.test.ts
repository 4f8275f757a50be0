import { expect, test } from 'vitest';
import { lastSentence } from './last-sentence.ts';

const crash = `file:///srv/app/main.ts:12
  throw new Error('No Redis at 127.0.0.1:1: start one or set REDIS_URL.');
        ^

Error: No Redis at 127.0.0.1:1: start one or set REDIS_URL.
    at file:///srv/app/main.ts:12:9
    at async main (file:///srv/app/main.ts:20:3) {
  code: 'ECONNREFUSED',
  [cause]: [Object]
}

Node.js v24.21.0`;

test.each([
  ['the message of a crash', crash, 'No Redis at 127.0.0.1:1: start one or set REDIS_URL.'],
  ['a typed error with a code', 'TypeError [ERR_X]: Wrong file.\n    at a.ts:1:1', 'Wrong file.'],
  ['the message of a JSON log line', '{"level":60,"msg":"PORT is taken."}', 'PORT is taken.'],
  [
    'message and error of a log line',
    '{"msg":"Not started","err":{"message":"no disk"}}',
    'Not started: no disk',
  ],
  ['a log line without text is passed over', 'Set PORT.\n{"level":30,"event":"x"}', 'Set PORT.'],
  ['the last plain line', 'one\ntwo\n\n', 'two'],
  ['a brace that is not JSON', '{oops', '{oops'],
])('%s', (_name, text, sentence) => {
  expect(lastSentence(text.split('\n'))).toBe(sentence);
});

test('nothing printed, nothing said', () => {
  expect(lastSentence([])).toBeUndefined();
  expect(lastSentence(['', '   '])).toBeUndefined();
});
