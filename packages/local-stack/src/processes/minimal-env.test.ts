import { expect, test } from 'vitest';
import { minimalEnv } from './minimal-env.ts';

const parent = {
  PATH: '/bin',
  HOME: '/home/me',
  PORT: '80',
  ANTHROPIC_API_KEY: 'secret',
  https_proxy: 'http://p:1',
};

test('what a child does not need stays behind', () => {
  expect(minimalEnv({}, parent)).toEqual({ PATH: '/bin', HOME: '/home/me', https_proxy: 'http://p:1' });
});

test('what is given wins, and undefined is left out', () => {
  expect(minimalEnv({ HOME: '/elsewhere', PORT: '0', NONE: undefined }, parent)).toEqual({
    PATH: '/bin',
    HOME: '/elsewhere',
    PORT: '0',
    https_proxy: 'http://p:1',
  });
});
