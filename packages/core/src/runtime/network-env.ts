import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { redisTlsFaults, whyUnreadable } from './redis-tls.ts';

type Variables = Readonly<Record<string, string | undefined>>;
type ProxyVariables = { [Name in keyof typeof proxyEnv]?: string | undefined };

/** Proxies for calls to the model provider and to an identity provider. */
export interface ProxySettings {
  httpProxy?: string;
  httpsProxy?: string;
  noProxy?: string;
}

/** To be spread into the schemas of processes that call other servers. */
export const proxyEnv = {
  HTTP_PROXY: z.string().optional(),
  HTTPS_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
  http_proxy: z.string().optional(),
  https_proxy: z.string().optional(),
  no_proxy: z.string().optional(),
};

/** As curl does: the lower-case name wins. */
const either = (lower: string | undefined, upper: string | undefined) => lower || upper || undefined;

/** @returns undefined when no proxy is set */
export function proxySettings(env: ProxyVariables): ProxySettings | undefined {
  const httpProxy = either(env.http_proxy, env.HTTP_PROXY);
  const httpsProxy = either(env.https_proxy, env.HTTPS_PROXY);
  const noProxy = either(env.no_proxy, env.NO_PROXY);
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  return {
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/**
 * The proxy for an address. Addresses of this machine are called directly, whatever the environment says: a proxy cannot
 * reach them. With HTTP_PROXY alone, https addresses are called directly too.
 */
export function proxyFor(url: URL, settings: ProxySettings): string | undefined {
  const proxy = url.protocol === 'https:' ? settings.httpsProxy : settings.httpProxy;
  return proxy === undefined || isDirect(url, settings.noProxy ?? '') ? undefined : proxy;
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.[0-9]+){3}|\[::1\])$/;

/** `NO_PROXY`: names with all that end with them, optionally with a port; `*` is everything. */
function isDirect(url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (LOOPBACK.test(host)) return true;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', itsPort] = /^(.*?)(?::([0-9]+))?$/.exec(entry) ?? [];
      if (itsPort !== undefined && itsPort !== port) return false;
      const end = name.replace(/^\*?\./, '');
      return host === end || host.endsWith(`.${end}`);
    });
}

/** The faults of what Node itself or the network reads; each with the variable's name, none with its value. */
export function networkFaults(env: Variables): [name: string, fault: string][] {
  const faults: [string, string][] = redisTlsFaults(env);
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
    const value = env[name];
    if (!value || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) continue;
    const why = 'SOCKS and addresses without a scheme are not taken';
    faults.push([name, `${name} must be a URL that starts with http:// or https:// (${why}).`]);
  }
  const certs = env['NODE_EXTRA_CA_CERTS'];
  if (certs) {
    const why =
      whyUnreadable(certs) ?? (readFileSync(certs, 'utf8').includes('BEGIN ') ? undefined : 'no PEM');
    // Node itself only prints a warning, and every connection then fails.
    if (why !== undefined) {
      faults.push(['NODE_EXTRA_CA_CERTS', `NODE_EXTRA_CA_CERTS: the file ${certs} cannot be used (${why}).`]);
    }
  }
  return faults;
}
