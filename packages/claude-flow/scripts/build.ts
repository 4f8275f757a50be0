import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';
import packageJson from '../package.json' with { type: 'json' };

/** Makes `dist/`: plain JavaScript for Node 20 with the workspace's packages inside, and its declarations. */
const here = fileURLToPath(new URL('..', import.meta.url));
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const dist = join(here, 'dist');
const emitted = join(here, 'dist-types');
const ENTRIES = ['client', 'headless'];
const DEPENDENCIES = Object.keys(packageJson.dependencies);

/** Node 22 has it, 20 not yet. */
const FOR_NODE_20 = `Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
};`;

async function bundle(): Promise<void> {
  const build = await rolldown({
    cwd: here,
    platform: 'node',
    input: {
      client: 'src/client/index.ts',
      headless: 'src/headless/index.ts',
      serve: 'src/command/serve.ts',
      main: 'src/command/main.ts',
      lambda: join(repository, 'apps/api/src/lambda.ts'),
      'search-thread': join(repository, 'apps/worker/src/tools/search-thread.ts'),
    },
    external: (id) => DEPENDENCIES.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [
      {
        name: 'thread-beside-the-bundle',
        renderChunk: (code) => code.replaceAll('./search-thread.ts', './search-thread.js'),
      },
    ],
  });
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    // All in one folder: what is found beside a source file is found beside the bundle.
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[hash].js',
    postBanner: (chunk) => (chunk.name === 'client' ? '' : FOR_NODE_20),
  });
  await build.close();
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  const names = new Set(chunks.map(({ fileName }) => fileName));
  const strangers = chunks
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter(
      (id) => !names.has(id) && !id.startsWith('node:') && !DEPENDENCIES.some((name) => id.startsWith(name)),
    );
  const left = chunks.filter(({ code }) => /new URL\(["'][^"']*\.ts["']/.test(code));
  if (left.length > 0)
    throw new Error(`Refers to a source file: ${left.map(({ fileName }) => fileName).join(', ')}`);
  if (strangers.length > 0)
    throw new Error(`Not among the dependencies: ${[...new Set(strangers)].join(', ')}`);
}

/** Declarations of the two entries and of what they reach; nothing of the workspace may be among it. */
async function declare(): Promise<void> {
  const tsc = join(repository, 'node_modules/.bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal'];
  execFileSync(tsc, ['-p', here, ...options, '--rootDir', repository, '--outDir', emitted], {
    stdio: 'inherit',
  });
  const root = join(emitted, relative(repository, here), 'src');
  const waiting = ENTRIES.map((name) => join(root, name, 'index.d.ts'));
  const done = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const text = await readFile(file, 'utf8');
    const target = join(dist, relative(root, file));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text.replace(/(['"]\.[^'"]+)\.ts(['"])/g, '$1.js$2'));
    // Examples in comments import too.
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, id = ''] of code.matchAll(/(?:from|import)\s*\(?['"]([^'"]+)['"]/g)) {
      if (id.startsWith('.')) waiting.push(join(dirname(file), id.replace(/\.ts$/, '.d.ts')));
      else if (!id.startsWith('node:')) throw new Error(`${relative(root, file)} shows a type of ${id}`);
    }
  }
}

await rm(dist, { recursive: true, force: true });
await bundle();
await cp(join(repository, 'packages/core/src/redis/lua'), join(dist, 'lua'), { recursive: true });
await chmod(join(dist, 'main.js'), 0o755);
await declare().finally(() => rm(emitted, { recursive: true, force: true }));
// Written by hand: the real ones would bring the workspace's along.
await cp(join(here, 'src/headless/lambda.d.ts'), join(dist, 'lambda.d.ts'));
