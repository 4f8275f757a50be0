import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { type DroppedField, withoutField } from './droppable-fields.ts';
import { createOptionalFields, nameOf } from './optional-fields.ts';
import { type AnswerLimits, orderedResponse } from './ordered-response.ts';

export interface ModelFetchOptions extends AnswerLimits {
  /** Sends a request: `fetch` itself, or one that goes through a proxy. */
  ask: typeof fetch;
  /** Output tokens of one call are never more than this. */
  maxOutputTokens: number;
  /** Fields that are never sent. */
  neverSent: readonly DroppedField[];
  /** Told once of each server and model that refuses something optional. */
  onLeftOut?: ((notice: LeftOut) => void) | undefined;
}

export interface LeftOut {
  server: string;
  model: string;
  /** What is left out from now on. */
  fields: string[];
}

/** Fields that may be refused one after the other before a request is given up. */
const REFUSALS = 6;
/** Bytes of a refusal that are read for the fields it names. */
const REFUSAL_BYTES = 256 * 1024;

type Body = Record<string, unknown>;

/**
 * `fetch` for a model client, between the SDK and the server. It follows no redirect, so neither prompts nor the key go
 * anywhere else; it leaves out the optional fields that a server refuses; and what comes back is an answer of the Messages
 * API in order, or an error with a sentence.
 */
export function modelFetch(options: ModelFetchOptions): typeof fetch {
  const optional = createOptionalFields();

  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const server = url.origin;
    const send = async (body?: string) => {
      const request = body === undefined ? init : { ...init, body };
      return refuseRedirect(await options.ask(input, { ...request, redirect: 'manual' }), url);
    };
    const asked = url.pathname.endsWith('/v1/messages') ? bodyOf(init) : undefined;
    if (asked === undefined) return send();

    const leftOut: DroppedField[] = [];
    let body = optional.prepare(server, options.neverSent.reduce(withoutField, capped(asked, options)));
    for (let refusals = 0; ; refusals += 1) {
      const answer = await send(JSON.stringify(body));
      if (answer.status !== 400 && answer.status !== 422) {
        if (answer.status >= 300) return answer;
        if (leftOut.length > 0) {
          optional.remember(server, asked, leftOut);
          const fields = [...new Set(leftOut.map(nameOf))];
          options.onLeftOut?.({ server, model: String(asked['model']), fields });
        }
        return orderedResponse(answer, { stream: asked['stream'] === true, server }, options);
      }
      const said = await textOf(answer);
      const retry = refusals < REFUSALS ? optional.without(body, said) : undefined;
      if (retry === undefined) {
        const { status, statusText, headers } = answer;
        return new Response(said, { status, statusText, headers });
      }
      body = retry.body;
      leftOut.push(...retry.dropped);
    }
  };
}

/** @throws ClaudeFlowError `model_rejected` when the server sends the caller on to another address */
async function refuseRedirect(answer: Response, url: URL): Promise<Response> {
  if (answer.status < 300 || answer.status > 399 || answer.status === 304) return answer;
  await answer.body?.cancel();
  const target = answer.headers.get('location') ?? '';
  const to = URL.canParse(target, url.href)
    ? new URL(target, url.href).origin
    : 'no address that can be read';
  const where = to === url.origin ? `another path of ${to}` : to;
  throw new ClaudeFlowError(
    'model_rejected',
    `The server at ${url.origin} redirects model calls to ${where} (${answer.status}). Redirects are not followed, so that neither prompts nor the key go there. Set ANTHROPIC_BASE_URL to the address that answers.`,
  );
}

function bodyOf(init: RequestInit | undefined): Body | undefined {
  if (init?.method?.toUpperCase() !== 'POST' || typeof init.body !== 'string') return undefined;
  const body: unknown = JSON.parse(init.body);
  return typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : undefined;
}

function capped(body: Body, { maxOutputTokens }: ModelFetchOptions): Body {
  const wanted = body['max_tokens'];
  return typeof wanted === 'number' ? { ...body, max_tokens: Math.min(wanted, maxOutputTokens) } : body;
}

/** The body of a refusal, as far as it is of interest. */
async function textOf(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.byteLength;
    text += decoder.decode(piece, { stream: true });
    if (bytes > REFUSAL_BYTES) break;
  }
  return text + decoder.decode();
}
