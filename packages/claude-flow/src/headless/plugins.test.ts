import { expect, it, vi } from 'vitest';
import { PluginManager } from './plugins.ts';

it('calls hooks in order with their arguments, goes on after one that throws, and forgets what was taken away', async () => {
  const manager = new PluginManager();
  const heard: unknown[][] = [];
  const hear =
    (name: string) =>
    (...args: unknown[]) => {
      heard.push([name, ...args]);
    };
  const report = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    manager.registerPlugin('a', { hooks: { done: hear('a') } });
    manager.registerPlugin('bad', {
      hooks: { done: () => Promise.reject(new Error('no')) },
      onStart: () => {
        throw new Error('never');
      },
    });
    manager.registerPlugin('b', { hooks: { done: hear('b') }, onStart: hear('start') });
    await manager.executeHook('done', 1, 2);
    expect(heard).toEqual([
      ['a', 1, 2],
      ['b', 1, 2],
    ]);
    expect(report).toHaveBeenCalledWith(expect.stringMatching(/^Plugin hook error \(done\): Error: no\n/));
    await manager.tellAll('onStart', 'system');
    expect(heard.at(-1)).toEqual(['start', 'system']);
    manager.registerPlugin('a', { hooks: { done: hear('a2') } });
    expect(manager.unregisterPlugin('b')).toBe(true);
    expect(manager.unregisterPlugin('b')).toBe(false);
    heard.length = 0;
    await manager.executeHook('done');
    expect(heard).toEqual([['a2']]);
    await manager.executeHook('nobody listens');
  } finally {
    report.mockRestore();
  }
});
