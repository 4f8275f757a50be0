import { slipsBetween } from '../domain/near-name.ts';
import { isQuoted } from './config.ts';
import { KNOWN_VARIABLES } from './known-variables.ts';
import type { Logger } from './logger.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface EnvironmentNote {
  variable: string;
  sentence: string;
}

/** Names of other programs' variables, and what is read here instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ANTHROPIC_MODEL: 'CLAUDE_FLOW_MODEL chooses the model',
  ALL_PROXY: 'HTTPS_PROXY and HTTP_PROXY are, with http:// or https:// proxies only',
  all_proxy: 'HTTPS_PROXY and HTTP_PROXY are, with http:// or https:// proxies only',
};
/** What Kubernetes and Docker set for a service that is called claude-flow. */
const SERVICE_LINK = /^CLAUDE_FLOW(_\w+)?_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_(TCP|UDP)\w*)$/;
/** Read by OpenSSL and by other programs; they resemble names of ours by chance. */
const OF_OTHERS: ReadonlySet<string> = new Set(['SSL_CERT_FILE', 'SSL_CERT_DIR']);
/** Checked by the processes that call models: there is one for each type of agent. */
const MODEL = /^CLAUDE_FLOW_MODEL_[A-Z]+$/;
const OURS = /^CLAUDE_FLOW_/;
/** Shorter names resemble too many others. */
const LEAST_LENGTH = 7;

/** What is probably not meant as it stands: nothing of it is refused, no value is quoted. */
export function environmentNotes(env: Variables): EnvironmentNote[] {
  const notes: EnvironmentNote[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue;
    const sentence = noteOf(variable, value);
    if (sentence !== undefined) notes.push({ variable, sentence });
  }
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const sentence =
      'NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked, so that anybody on the way can read keys and prompts. Name the CA instead (NODE_EXTRA_CA_CERTS, REDIS_TLS_CA_FILE).';
    notes.push({ variable: 'NODE_TLS_REJECT_UNAUTHORIZED', sentence });
  }
  return notes;
}

function noteOf(variable: string, value: string): string | undefined {
  if (KNOWN_VARIABLES.has(variable) || MODEL.test(variable)) {
    if (!isQuoted(value)) return undefined;
    return `${variable} has quotes around its value, which are taken as part of it. Remove them.`;
  }
  const instead = ELSEWHERE[variable];
  if (instead !== undefined) return `${variable} is not read; ${instead}.`;
  if (OF_OTHERS.has(variable) || SERVICE_LINK.test(variable)) return undefined;
  const meant = nearest(variable);
  if (meant !== undefined) return `${variable} is not read. Did you mean ${meant}?`;
  return OURS.test(variable)
    ? `${variable} is not read: there is no such variable. See docs/operations.md.`
    : undefined;
}

/** The known variable that differs by a slip or two, in capitals, or in its separators. */
function nearest(variable: string): string | undefined {
  const given = variable.toUpperCase().replaceAll('-', '_');
  if (given !== variable && KNOWN_VARIABLES.has(given)) return given;
  if (variable.length < LEAST_LENGTH) return undefined;
  let best: { name: string; slips: number } | undefined;
  for (const name of KNOWN_VARIABLES) {
    if (name.length < LEAST_LENGTH) continue;
    const slips = slipsBetween(given, name);
    const most = name.length < 10 ? 1 : 2;
    if (slips <= most && (best === undefined || slips < best.slips)) best = { name, slips };
  }
  return best?.name;
}

/** Logs the notes; every entry does so once, at its start. */
export function tellEnvironment(env: Variables, log: Logger): void {
  for (const { variable, sentence } of environmentNotes(env)) {
    log.warn({ event: 'config.note', variable }, sentence);
  }
}
