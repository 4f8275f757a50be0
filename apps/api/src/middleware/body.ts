import { isUtf8 } from 'node:buffer';
import { MAX_GRAPH_TASKS } from '@claude-flow/core/domain/task-graph';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from '../errors/api-error.ts';
import { jsonSize } from '../schemas/json-size.ts';

/** A request body may be this large, in bytes: room for a graph of some thousand tasks. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Far above what the schemas accept, which name the place; far below what walking a value by recursion bears. Checks of
 * single fields come before the schema's own check, and would end in a stack overflow.
 */
const HOPELESS_DEPTH = 256;
/** Each can be a fault of its own, and some hundred thousand faults are more than zod can hand over. A graph of 10,000 tasks has fewer. */
const HOPELESS_MEMBERS = 100_000;

/** No list of any body may be longer; the schemas say what fits where. Each entry could be a dozen faults. */
const HOPELESS_LIST = MAX_GRAPH_TASKS;

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
    refuseHopeless(await c.req.text());
  }
  await next();
};

/** What is not UTF-8 would be given other characters in the place of its faults. */
export async function isText(c: Context<AppEnv>): Promise<boolean> {
  return isUtf8(await c.req.arrayBuffer());
}

function refuseHopeless(body: string): void {
  const { depth, members, longest } = jsonSize(body);
  const message =
    depth > HOPELESS_DEPTH
      ? `The body nests more than ${HOPELESS_DEPTH} levels deep.`
      : members > HOPELESS_MEMBERS
        ? `The body has more than ${HOPELESS_MEMBERS} members in its lists and objects.`
        : longest > HOPELESS_LIST
          ? `A list of the body has ${longest} entries; the longest that is taken anywhere has ${HOPELESS_LIST}.`
          : undefined;
  if (message === undefined) return;
  // What is no JSON is told so by its route.
  if (!parses(body)) return;
  throw new ApiError('validation_failed', message, { details: [{ field: '(body)', message }] });
}

function parses(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^\s*application\/([\w.+-]+\+)?json\b/i.test(contentType ?? '');
}
