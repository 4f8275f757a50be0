import { operationOf } from '../contract/document.ts';
import { PROBLEM, shapeFault } from '../contract/validate.ts';
import type { WireAnswer } from '../wire/read-answers.ts';

/** In everything that belongs to the other owner, and in nothing else. */
export const OTHERS_MARK = 'xyzzy-of-another-owner';

/** What Node, our sources and our store look like from the inside. */
const INSIDES = [
  /\n\s+at .*[\w/.]+:\d+:\d+/,
  /node:internal/,
  /node_modules/,
  /\/(apps|packages)\/[\w-]+\/src\//,
  /\b(TypeError|RangeError|ReferenceError|SyntaxError|ReplyError|ZodError)\b/,
  /WRONGTYPE|NOSCRIPT|user_script|@user_function/,
];
/** What the server itself refuses before a request gets to a route. */
const BEFORE_ROUTES = [
  'malformed_request',
  'request_timeout',
  'headers_too_large',
  'expectation_failed',
  'method_not_allowed',
  'route_not_found',
];
/** Redis is there all the time, so that 503 is a fault; except what is turned off, which says so. */
const MAX_STATUS = 499;

export interface Asked {
  method: string;
  /** As it was sent, with its query. */
  target: string;
  /** Everybody's things may be seen. */
  seesAll?: boolean;
}

/** What is wrong with an answer, whatever was asked. */
export function faultsOf(answer: WireAnswer, asked: Asked): string[] {
  const faults: string[] = [];
  const { status, headers } = answer;
  const text = answer.body.toString('utf8');
  if (status > MAX_STATUS) faults.push(`${status}: ${text.slice(0, 400)}`);
  if (asked.seesAll !== true && text.includes(OTHERS_MARK)) faults.push("another owner's data");
  if (status === 101) return faults;
  // Documentation and agents' files, archives of them too, may speak of anything.
  const free =
    status < 400 && (/^\/(docs|openapi\.json)/.test(asked.target) || !isJson(headers['content-type']));
  const inside = free ? undefined : INSIDES.find((pattern) => pattern.test(text));
  if (inside !== undefined) faults.push(`the inside shows (${inside}): ${text.slice(0, 400)}`);
  if (headers['x-content-type-options'] !== 'nosniff') faults.push('no X-Content-Type-Options');
  if (asked.method !== 'HEAD') faults.push(...shapeFaults(answer, asked, text));
  return faults;
}

const isJson = (type = '') => /json\s*(;|$)/.test(type);

function shapeFaults({ status, headers }: WireAnswer, { method, target }: Asked, text: string): string[] {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const json = /json$/.test(type) ? parsed(text) : undefined;
  if (json instanceof Error) return [`${status}: ${type} that is no JSON: ${text.slice(0, 200)}`];
  // The queue board is a program of its own, and no part of the contract.
  if (target.startsWith('/admin/queues')) return [];
  if (status >= 400) {
    const problem = problemFaults(status, type, json, text);
    if (problem.length > 0) return problem;
    if (BEFORE_ROUTES.includes(codeOf(json))) return [];
  }
  const [path = ''] = target.split(/[?#]/);
  const operation = operationOf(method, path);
  if (operation === undefined) return [];
  const described = operation.answers[String(status)];
  const where = `${operation.operationId} ${status}`;
  if (described === undefined) return [`${where} is not described: ${text.slice(0, 300)}`];
  if (!(type in described)) return [`${where} came as "${type}", which is not described`];
  const schema = described[type];
  if (json === undefined || schema === undefined) return [];
  const fault = shapeFault(schema, json);
  return fault === undefined ? [] : [`${where} is not as described: ${fault}`];
}

function problemFaults(status: number, type: string, json: unknown, text: string): string[] {
  if (type !== 'application/problem+json') return [`${status} came as "${type}": ${text.slice(0, 200)}`];
  const fault = shapeFault(PROBLEM, json);
  if (fault !== undefined) return [`${status} is no problem document: ${fault}: ${text.slice(0, 300)}`];
  return (json as { status: number }).status === status
    ? []
    : [`${status} says it is another status: ${text}`];
}

const codeOf = (json: unknown) => (json as { code: string }).code;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
