import { expect, test } from 'vitest';
import { type Access, combinedLine } from './access-log.ts';

const access: Access = {
  address: '127.0.0.1',
  owner: 'team-a',
  at: Date.UTC(2026, 0, 5, 13, 55, 36),
  method: 'POST',
  path: '/api/swarm/create',
  status: 201,
  bytes: '512',
  referrer: 'https://example.com/page?token=hidden#part',
  agent: 'curl/8.0',
};

test('a line of the combined format; the path is its seventh field', () => {
  const line = combinedLine(access);
  expect(line).toBe(
    '127.0.0.1 - team-a [05/Jan/2026:13:55:36 +0000] "POST /api/swarm/create HTTP/1.1" 201 512 "https://example.com/page" "curl/8.0"\n',
  );
  expect(line.split(' ')[6]).toBe('/api/swarm/create');
});

test('what is not known is a dash', () => {
  const line = combinedLine({
    ...access,
    owner: undefined,
    bytes: undefined,
    referrer: undefined,
    agent: '',
  });
  expect(line).toMatch(/^127\.0\.0\.1 - - \[.*\] ".*" 201 - "-" "-"\n$/);
});

test('nobody can write a line or a field of his own', () => {
  const evil = 'a b"\n127.0.0.1 - - \\ \u2028\u001b[31m\u00e9';
  const line = combinedLine({ ...access, owner: evil, path: `/${evil}`, agent: evil, referrer: evil });
  expect(line.match(/\n/g)).toHaveLength(1);
  expect(line.match(/"/g)).toHaveLength(6);
  expect(line.split(' ')[6]).toContain('a\\x20b\\x22\\x0a127');
  expect(line.slice(0, -1)).not.toMatch(/[^\x20-\x7e]/);
});
