/** What a REDIS_URL says. */
export interface RedisTarget {
  /** One, or any of a cluster. IPv6 addresses without brackets. */
  nodes: { host: string; port: number }[];
  cluster: boolean;
  tls: boolean;
  username?: string;
  password?: string;
  /** The number of the database; always 0 in a cluster. */
  db: number;
  /** Of addresses that a name has: 4 or 6; 0 is either. */
  family?: number;
}

export type RedisUrlReading = { target: RedisTarget } | { fault: string };

const DEFAULT_PORT = 6379;
const URL_PARTS = /^(rediss?)(\+cluster)?:\/\/([\s\S]*)$/i;
const OPTIONS = /^(?:username|password|db|family)=/;
/** The last `@` ends the login: passwords of hosted servers hold every character, and not everybody encodes them. */
const LOGIN = /^([\s\S]*)@([^@]*)$/;
const NODE = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:/?#[\]@\s]+))(?::([0-9]{1,5}))?$/;

/**
 * Reads `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, and `redis+cluster://host:port,host:port`.
 * Options behind a `?`: username, password, db, family. No fault quotes any of it: part of it is a password.
 */
export function readRedisUrl(url: string): RedisUrlReading {
  const [, scheme = '', clusterMark, rest = ''] = URL_PARTS.exec(url.trim()) ?? [];
  if (scheme === '') {
    return {
      fault:
        'must be a URL that starts with redis:// or rediss://, or redis+cluster://host:port,host:port for a Redis Cluster.',
    };
  }
  const cluster = clusterMark !== undefined;
  const { login, place, options } = splitUrl(rest);
  const [, hosts = '', path] = /^([^/]*)(?:\/(.*))?$/.exec(place) ?? [];
  const nodes = readNodes(hosts);
  if ('fault' in nodes) return nodes;
  if (!cluster && nodes.nodes.length > 1) {
    return {
      fault: 'names several servers. A Redis Cluster is written redis+cluster://host:port,host:port.',
    };
  }
  const given = readOptions(options);
  if ('fault' in given) return given;
  const db = readDatabase(path, given.values['db'], cluster);
  if ('fault' in db) return db;
  const colon = login.indexOf(':');
  const username = given.values['username'] ?? decoded(colon === -1 ? login : login.slice(0, colon));
  const password = given.values['password'] ?? decoded(colon === -1 ? '' : login.slice(colon + 1));
  const family = given.values['family'];
  if (family !== undefined && !['0', '4', '6'].includes(family)) {
    return { fault: 'has an option family that is not 0, 4 or 6.' };
  }
  return {
    target: {
      nodes: nodes.nodes,
      cluster,
      tls: scheme.toLowerCase() === 'rediss',
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      db: db.db,
      ...(family === undefined ? {} : { family: Number(family) }),
    },
  };
}

/** Where a REDIS_URL leads, for people: never its login, its options, or any part of what cannot be read. */
export function redisAddress(url: string): string {
  const reading = readRedisUrl(url);
  if ('fault' in reading) return '(an address that cannot be read)';
  const { nodes, cluster, tls, db } = reading.target;
  const hosts = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const scheme = `redis${tls ? 's' : ''}${cluster ? '+cluster' : ''}`;
  return `${scheme}://${hosts.join(',')}${db === 0 ? '' : `/${db}`}`;
}

/** A `?` may begin the options or be part of a password; only where it leads to options that are known is it the former. */
function splitUrl(rest: string): { login: string; place: string; options: string } {
  const mark = rest.indexOf('?');
  if (mark !== -1 && !rest.slice(0, mark).includes('@') && OPTIONS.test(rest.slice(mark + 1))) {
    return { login: '', place: rest.slice(0, mark), options: rest.slice(mark + 1) };
  }
  const [, login = '', after = rest] = LOGIN.exec(rest) ?? [];
  const [place = '', ...options] = after.split('?');
  return { login, place, options: options.join('?') };
}

function readNodes(hosts: string): { nodes: RedisTarget['nodes'] } | { fault: string } {
  const nodes: RedisTarget['nodes'] = [];
  for (const text of hosts.split(',')) {
    const [, address, name, port] = NODE.exec(text) ?? [];
    const host = address ?? name;
    if (host === undefined) {
      return {
        fault:
          'has a host or port that cannot be read. Write host:port (IPv6: [::1]:6379), and encode special characters of the password (encodeURIComponent).',
      };
    }
    const number = port === undefined ? DEFAULT_PORT : Number(port);
    if (number < 1 || number > 65_535) return { fault: 'has a port that is not between 1 and 65535.' };
    nodes.push({ host, port: number });
  }
  return { nodes };
}

function readOptions(text: string): { values: Record<string, string> } | { fault: string } {
  const values: Record<string, string> = {};
  for (const pair of text === '' ? [] : text.split('&')) {
    if (!OPTIONS.test(pair)) {
      return {
        fault:
          'has options behind "?" that are not known. Known: username, password, db, family. Certificates: REDIS_TLS_CA_FILE, REDIS_TLS_CERT_FILE, REDIS_TLS_KEY_FILE.',
      };
    }
    const equals = pair.indexOf('=');
    values[pair.slice(0, equals)] = decoded(pair.slice(equals + 1));
  }
  return { values };
}

function readDatabase(
  path: string | undefined,
  option: string | undefined,
  cluster: boolean,
): { db: number } | { fault: string } {
  const text = path === undefined || path === '' ? (option ?? '0') : path.replace(/\/$/, '');
  if (!/^[0-9]{1,5}$/.test(text)) {
    return { fault: 'must end with the number of the database, or nothing: redis://host:6379/0.' };
  }
  const db = Number(text);
  if (cluster && db !== 0) return { fault: 'names a database, and a Redis Cluster has only database 0.' };
  return { db };
}

/** As it stands where it is no percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
