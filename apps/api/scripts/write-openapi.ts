import { writeFile } from 'node:fs/promises';
import packageJson from '../package.json' with { type: 'json' };
import { describeApi } from '../src/api-routes.ts';

/** Writes docs/openapi.json. A test fails when it differs from what the server serves. */
const target = new URL('../../../docs/openapi.json', import.meta.url);
await writeFile(target, `${JSON.stringify(describeApi(packageJson.version), null, 2)}\n`);
