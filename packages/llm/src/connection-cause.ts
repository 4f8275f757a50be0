import { errorMessage } from '@claude-flow/core/domain/errors';

/**
 * Why there was no connection, in a few words that name the kind (DNS, refused, TLS, no answer) and the code that people
 * look up. Never what was sent.
 */
export function connectionCause(error: Error): string {
  const { code, host } = deepest(error);
  if (code === undefined) return errorMessage(root(error));
  const at = host === undefined ? '' : ` ${host}`;
  if (/^(ENOTFOUND|EAI_)/.test(code)) return `DNS: the name${at} cannot be resolved, ${code}`;
  if (code === 'ECONNREFUSED') return `connection refused${host === undefined ? '' : ` by ${host}`}, ${code}`;
  if (NOT_TRUSTED.test(code)) return `TLS: its certificate is not accepted, ${code}`;
  if (/^(ERR_TLS|ERR_SSL|EPROTO)/.test(code)) return `TLS: no secure connection comes about, ${code}`;
  if (NO_ANSWER.test(code)) return `no answer to the attempt to connect, ${code}`;
  return code;
}

const NOT_TRUSTED =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_CERT)/;
const NO_ANSWER = /^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)/;

/** A name or address with its port: nothing else of a foreign error is repeated. */
const HOST = /^[A-Za-z0-9._:[\]-]{1,255}$/;

function deepest(error: Error): { code?: string; host?: string } {
  const found: { code?: string; host?: string } = {};
  for (const cause of causes(error)) {
    const [code, hostname, address, port] = ['code', 'hostname', 'address', 'port'].map(
      (name) => Reflect.get(cause, name) as unknown,
    );
    if (typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code)) found.code = code;
    const name = typeof hostname === 'string' ? hostname : typeof address === 'string' ? address : undefined;
    if (name !== undefined && HOST.test(name))
      found.host = typeof port === 'number' ? `${name}:${port}` : name;
  }
  return found;
}

/** The error and what is behind it, outermost first. Of several addresses that were tried in turn, the first. */
function causes(error: Error): Error[] {
  const found: Error[] = [];
  let next: unknown = error;
  while (next instanceof Error && found.length < 10) {
    found.push(next);
    next = next instanceof AggregateError ? next.errors[0] : next.cause;
  }
  return found;
}

function root(error: Error): Error {
  return causes(error).at(-1) ?? error;
}
