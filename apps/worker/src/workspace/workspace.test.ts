import { chmod, chown, mkdir, readdir, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import { artifactDigest, MAX_ARTIFACT_BYTES } from '@claude-flow/core/store/artifacts';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { describe, expect, it } from 'vitest';
import { openWorkspaceHome } from './leftovers.ts';
import { ToolFailure } from './paths.ts';
import { createWorkspace, type StoreFile } from './workspace.ts';

/** Keeps entries the way the ledger does, and remembers what it was given. */
function store() {
  const kept: string[] = [];
  const keep: StoreFile = async ({ path, mode, content }) => {
    kept.push(path);
    return { path, mode, size: content.length, digest: artifactDigest(content) };
  };
  return { kept, keep };
}

const text = (content: string) => Buffer.from(content);

describe('createWorkspace', () => {
  it('knows what the task changed, and stores each change once', async () => {
    await using home = await createTempFolder('home');
    const workspace = await createWorkspace(home.path, 'task_001.1');
    await workspace.place('base.md', text('base'), { base: true, mode: 0o755 });
    await workspace.place('same.md', text('same'), { base: true });
    await workspace.write('new.md', text('new'));
    await workspace.write('base.md', text('changed'));
    await workspace.write('same.md', text('other'));
    await workspace.write('same.md', text('same'));

    const { kept, keep } = store();
    const changed = await workspace.changes(keep);
    expect(changed.map(({ path, mode, digest }) => [path, mode, digest])).toEqual([
      ['base.md', 0o755, artifactDigest(text('changed'))],
      ['new.md', 0o644, artifactDigest(text('new'))],
    ]);
    await workspace.write('new.md', text('newer'));
    await workspace.changes(keep);
    expect(kept).toEqual(['base.md', 'new.md', 'new.md'].sort());
    expect(workspace.list().map((file) => file.path)).toEqual(['base.md', 'new.md', 'same.md']);
    await workspace.remove();
    expect(await readdir(home.path)).toEqual([]);
  });

  it('counts files of an earlier attempt as changed', async () => {
    await using home = await createTempFolder('home');
    const workspace = await createWorkspace(home.path, 'task_001.2');
    const content = text('from before');
    const entry: ArtifactEntry = {
      path: 'a/b.md',
      mode: 0o644,
      size: content.length,
      digest: artifactDigest(content),
    };
    await workspace.restore(entry, content);
    const { kept, keep } = store();
    expect(await workspace.changes(keep)).toEqual([entry]);
    expect(kept).toEqual([]);
    expect((await workspace.read('a/b.md')).toString()).toBe('from before');
  });

  it('refuses what is too large', async () => {
    await using home = await createTempFolder('home');
    const workspace = await createWorkspace(home.path, 'task_001.1');
    const large = Buffer.alloc(MAX_ARTIFACT_BYTES + 1);
    await expect(workspace.write('large.bin', large)).rejects.toThrow(ToolFailure);
    expect(workspace.list()).toEqual([]);
  });
});

describe('openWorkspaceHome', () => {
  it('removes what dead workers left, and nothing else', async () => {
    await using root = await createTempFolder('root');
    const host = hostname().replace(/[^A-Za-z0-9-]/g, '_');
    const folder = (owner: string) => `worker.${owner}.000000000000.000000000000`;
    const dead = folder(`${host}.999999999`);
    const alive = folder(`${host}.${process.ppid}`);
    const samePid = folder(`${host}.${process.pid}`);
    const elsewhere = folder('other-host.1');
    const elsewhereOld = folder('old-host.1');
    for (const name of [dead, alive, samePid, elsewhere, elsewhereOld, 'not-ours']) {
      await mkdir(join(root.path, name, 'task_001.1-x'), { recursive: true });
    }
    const twoDaysAgo = new Date(Date.now() - 48 * 3600_000);
    await utimes(join(root.path, elsewhereOld), twoDaysAgo, twoDaysAgo);

    const home = await openWorkspaceHome(root.path);
    const second = await openWorkspaceHome(root.path);
    const left = await readdir(root.path);
    expect(left.map((name) => join(root.path, name)).sort()).toEqual(
      [home.path, second.path, ...[alive, elsewhere, 'not-ours'].map((name) => join(root.path, name))].sort(),
    );
    await home.remove();
    expect(await readdir(root.path)).toHaveLength(4);
  });

  it.each([0o777, 0o770, 0o702])('takes no root that others may write (%o)', async (mode) => {
    await using root = await createTempFolder('root');
    await chmod(root.path, mode);
    await expect(openWorkspaceHome(root.path)).rejects.toThrow('other users may write it');
    await chmod(root.path, 0o1777);
    await (await openWorkspaceHome(root.path)).remove();
  });

  it.skipIf(process.getuid?.() !== 0)('takes no root of somebody else, as root neither', async () => {
    await using root = await createTempFolder('root');
    await chown(root.path, 12_345, 12_345);
    await expect(openWorkspaceHome(root.path)).rejects.toThrow('not a folder of this user');
  });

  it('says which variable to set when the root cannot be used', async () => {
    await expect(openWorkspaceHome('/dev/null/x')).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('WORKSPACE_ROOT'),
    });
  });
});
