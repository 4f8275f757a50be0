import { errorMessage } from '@claude-flow/core/domain/errors';
import { loadConfig } from '@claude-flow/core/runtime/config';
import { runMain } from '@claude-flow/core/runtime/run-main';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { apiEnvFields } from '../config/env-fields.ts';
import { readTokenOptions, type TokenOptions, USAGE } from './options.ts';

const EXIT_USAGE = 2;
const HOUR_S = 3_600;

const schema = z.object({
  JWT_SECRET: z
    .string('JWT_SECRET is needed: the one that the API has.')
    .pipe(apiEnvFields.JWT_SECRET.unwrap()),
  JWT_ISSUER: apiEnvFields.JWT_ISSUER,
  JWT_AUDIENCE: apiEnvFields.JWT_AUDIENCE,
});

/** Signs a token that every API with the same JWT_SECRET takes. The token is the only thing on stdout. */
runMain('token:create', async () => {
  let options: TokenOptions | 'help';
  try {
    options = readTokenOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`token:create: ${errorMessage(error)}\nTry: pnpm run token:create --help\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const env = loadConfig(schema, process.env);
  const { subject, permissions, expiresInHours } = options;
  const expiresAt = Math.floor(Date.now() / 1000 + expiresInHours * HOUR_S);
  const token = new SignJWT({ permissions: [...permissions] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expiresAt);
  if (env.JWT_ISSUER !== undefined) token.setIssuer(env.JWT_ISSUER);
  if (env.JWT_AUDIENCE !== undefined) token.setAudience(env.JWT_AUDIENCE);
  const signed = await token.sign(new TextEncoder().encode(env.JWT_SECRET));
  const until = new Date(expiresAt * 1000).toISOString();
  process.stderr.write(`A token for ${subject} (${permissions.join(', ')}), good until ${until}.\n`);
  process.stdout.write(`${signed}\n`);
});
