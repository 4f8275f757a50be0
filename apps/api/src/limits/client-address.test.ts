import { expect, test } from 'vitest';
import { addressGroup, clientAddress } from './client-address.ts';

test.each([
  [0, '6.6.6.6', '10.0.0.1'],
  [1, undefined, '10.0.0.1'],
  [1, '1.1.1.1', '1.1.1.1'],
  [1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  [2, '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  [2, '1.1.1.1', '1.1.1.1'],
  [1, '6.6.6.6, 1.1.1.1:4711', '1.1.1.1'],
  [1, '[2001:db8::1]:4711', '2001:db8::1'],
  [1, '2001:db8::1', '2001:db8::1'],
  [1, '1.1.1.1, garbage', '10.0.0.1'],
  [1, '1.1.1.1,', '10.0.0.1'],
  [1, '', '10.0.0.1'],
])('behind %i proxies, X-Forwarded-For: %s', (hops, header, address) => {
  expect(clientAddress('10.0.0.1', header, hops)).toBe(address);
});

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s is one of %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
