// Only in the installed package: `node src/headless/index.js` starts the system, an import gives the library.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export * from '../../dist/headless.js';

const [, program] = process.argv;
if (program !== undefined && realpathSync(program) === fileURLToPath(import.meta.url)) {
  const { serve } = await import('../../dist/serve.js');
  await serve();
}
