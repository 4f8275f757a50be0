/** `pnpm bench [name ...]`: all benchmarks, or those named. Each prints ratios against a reference of the same run. */
const BENCHES: Record<string, () => Promise<{ main(): Promise<void> }>> = {
  engine: () => import('./engine/main.ts'),
  api: () => import('./api/main.ts'),
  memory: () => import('./memory/main.ts'),
  recovery: () => import('./recovery/main.ts'),
  relay: () => import('./relay/main.ts'),
};

const wanted = process.argv.slice(2).filter((word) => word !== '--');
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}. There is: ${Object.keys(BENCHES).join(', ')}.\n`,
  );
  process.exit(2);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`== ${name}`);
  await (await load()).main();
}
