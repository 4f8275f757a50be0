import { isUtf8 } from 'node:buffer';
import type { Steps } from '@claude-flow/core/domain/at-once';
import { MAX_GRAPH_TASKS } from '@claude-flow/core/domain/task-graph';
import { inSlices } from '@claude-flow/core/runtime/in-slices';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';
import { type JsonLimits, jsonSize } from '../schemas/json-size.ts';

/** A request body may be this large, in bytes: room for a graph of some thousand tasks. */
const MAX_BODY_BYTES = 1024 * 1024;

const LIMITS: JsonLimits = {
  /** Far above what the schemas accept, which name the place; far below what walking a value by recursion bears. */
  depth: 256,
  /** No list of ours may be longer. Its entries are not looked at, for each could have faults of its own. */
  list: MAX_GRAPH_TASKS,
  /** No object of ours has nearly as many, and an object that anybody may fill is too large before. */
  fields: 1_000,
};
/** Each can be a fault of its own, and some hundred thousand faults are more than zod can hand over. */
const HOPELESS_MEMBERS = 100_000;

const limitBytes = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    // What is left of the body is not read, so that the connection cannot serve another request.
    const headers = { Connection: 'close' };
    const message = `A request body may have at most ${MAX_BODY_BYTES} bytes.`;
    throw new ApiError('body_too_large', message, { headers });
  },
});

/** Reads the body, counting its bytes as they come, and refuses one that is too large or breaks off. */
export function checkBody(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    try {
      await limitBytes(c, async () => {
        // Read here, where a connection that ends too early is the client's fault and no mistake of ours.
        if (isJson(c.req.header('content-type'))) await c.req.arrayBuffer();
      });
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError('malformed_json', 'The request body broke off before its end.');
    }
    await next();
  };
}

/** For routes that take JSON: refuses what its schema could not be asked about. */
export const jsonBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    const message = 'Send the body as it is, without Content-Encoding.';
    throw new ApiError('unsupported_media_type', message, { headers: { 'Accept-Encoding': 'identity' } });
  }
  if (isJson(c.req.header('content-type'))) {
    if (!(await isText(c))) {
      throw new ApiError('malformed_json', 'The request body is not UTF-8, which JSON has to be.');
    }
    const body = await inSlices(readJson(await c.req.text()));
    // Parsed once: whoever asks for it from now on, the schema's check above all, is given this.
    if (body !== undefined) c.req.json = () => Promise.resolve(body.value);
  }
  await next();
};

/** What is not UTF-8 would be given other characters in the place of its faults. */
export async function isText(c: Context<AppEnv>): Promise<boolean> {
  return isUtf8(await c.req.arrayBuffer());
}

/** Refuses what a parser or a schema would need long for, only to refuse it. @returns undefined for what is no JSON */
function* readJson(text: string): Steps<ReturnType<typeof parse>> {
  const { tooDeep, members, tooWide } = yield* jsonSize(text, LIMITS);
  if (tooDeep) throw refusal('(body)', `The body nests more than ${LIMITS.depth} levels deep.`);
  if (tooWide !== undefined) {
    const { path, isList, count } = tooWide;
    const most = isList ? `${LIMITS.list} entries` : `${LIMITS.fields} fields`;
    const where = path === '' ? 'The body' : path;
    throw refusal(path === '' ? '(body)' : path, `${where} may have at most ${most}; it has ${count}.`);
  }
  if (members > HOPELESS_MEMBERS) {
    const message = `The body has more than ${HOPELESS_MEMBERS} members in its lists and objects.`;
    throw refusal('(body)', message);
  }
  yield;
  const parsed = parse(text);
  yield;
  return parsed;
}

const refusal = (field: string, message: string) =>
  new ApiError('validation_failed', message, { details: [{ field, message }] });

function parse(json: string) {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return undefined;
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^\s*application\/([\w.+-]+\+)?json\b/i.test(contentType ?? '');
}
