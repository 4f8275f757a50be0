import { parseArgs } from 'node:util';
import { isRight, RIGHTS, type Right, USER_RIGHTS } from '../auth/principal.ts';

export interface TokenOptions {
  /** The claim `sub`; the token reaches the swarms of `jwt:<subject>`. */
  subject: string;
  permissions: readonly Right[];
  expiresInHours: number;
}

export const USAGE = `Signs a JSON web token with JWT_SECRET and prints it on stdout: Authorization: Bearer <token>.

  JWT_SECRET=... pnpm -s run token:create --subject alice
  JWT_SECRET=... pnpm -s run token:create --subject dashboard --permissions swarms:read --hours 12

  --subject TEXT      who it is for; the token reaches the swarms of jwt:<subject>
  --permissions LIST  of ${RIGHTS.join(', ')}; default: ${USER_RIGHTS.join(', ')}
  --hours NUMBER      it expires after so many hours, at most 8784; default: 1
  -h, --help          this text

JWT_ISSUER and JWT_AUDIENCE are signed in when they are set. A token cannot be revoked before its end; a key can.
`;

const MAX_HOURS = 8_784;
const MAX_SUBJECT = 256;

/** @throws Error, a sentence for the user */
export function readTokenOptions(args: string[]): TokenOptions | 'help' {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      help: { type: 'boolean', short: 'h' },
      subject: { type: 'string', default: '' },
      permissions: { type: 'string', default: USER_RIGHTS.join(',') },
      hours: { type: 'string', default: '1' },
    },
  });
  if (values.help) return 'help';
  const { subject } = values;
  if (subject.trim() === '' || subject.length > MAX_SUBJECT)
    throw new Error(`--subject takes 1 to ${MAX_SUBJECT} characters.`);
  const expiresInHours = Number(values.hours);
  if (!(expiresInHours > 0 && expiresInHours <= MAX_HOURS))
    throw new Error(`--hours takes a number of hours, at most ${MAX_HOURS}.`);
  const names = values.permissions.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isRight(name));
  if (unknown.length > 0)
    throw new Error(`--permissions takes ${RIGHTS.join(', ')}; not "${unknown.join('", "')}".`);
  return { subject, permissions: names.filter(isRight), expiresInHours };
}
