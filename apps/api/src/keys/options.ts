import { parseArgs } from 'node:util';
import { isRight, RIGHTS, type Right, USER_RIGHTS } from '../auth/principal.ts';

export interface KeyOptions {
  name: string;
  owner: string;
  admin: boolean;
  permissions: readonly Right[];
  expiresInDays?: number;
}

export const USAGE = `Makes an API key and prints it, once, on stdout.

  pnpm -s run key:create --name ops --admin                 an administrator: everything, and everybody's swarms
  pnpm -s run key:create --name ci --owner team-a           reads and writes the swarms of team-a
  pnpm -s run key:create --name board --permissions swarms:read,queues:admin --days 90

  --name TEXT         for people; default: key
  --owner TEXT        whose swarms the key reaches; default: the name
  --admin             all permissions unless --permissions says otherwise; sees everybody's
  --permissions LIST  of ${RIGHTS.join(', ')}; default: ${USER_RIGHTS.join(', ')}
  --days NUMBER       it expires after this many days; default: never
  -h, --help          this text

REDIS_URL and REDIS_PREFIX say where the system is; without them, the one that pnpm start, dev or demo --keep
runs for you on this machine is found. List and revoke keys over HTTP: /api/keys.
`;

/** @throws Error, a sentence for the user */
export function readOptions(args: string[]): KeyOptions | 'help' {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string', default: 'key' },
      owner: { type: 'string' },
      admin: { type: 'boolean', default: false },
      permissions: { type: 'string' },
      days: { type: 'string' },
    },
  });
  if (values.help) return 'help';
  const { name, admin } = values;
  const owner = values.owner ?? name;
  if (name.trim() === '' || name.length > 100) throw new Error('--name takes 1 to 100 characters.');
  if (owner.trim() === '' || owner.length > 256) throw new Error('--owner takes 1 to 256 characters.');
  const expiresInDays = values.days === undefined ? undefined : Number(values.days);
  if (expiresInDays !== undefined && !(expiresInDays > 0 && expiresInDays <= 3_660)) {
    throw new Error('--days takes a number of days, at most 3660.');
  }
  return {
    name,
    owner,
    admin,
    permissions:
      values.permissions === undefined ? (admin ? RIGHTS : USER_RIGHTS) : permissionsOf(values.permissions),
    ...(expiresInDays === undefined ? {} : { expiresInDays }),
  };
}

function permissionsOf(list: string): Right[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isRight(name));
  if (unknown.length > 0)
    throw new Error(`--permissions takes ${RIGHTS.join(', ')}; not "${unknown.join('", "')}".`);
  return names.filter(isRight);
}
