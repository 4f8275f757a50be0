import type { Answer } from '../answer/answer.ts';
import { composeAnswer } from '../answer/answer.ts';
import { think } from '../brains/brains.ts';
import { agentTypeOf, readConversation } from '../brains/read-conversation.ts';
import type { BrainInput } from '../brains/types.ts';
import type { Respond } from '../control/rules.ts';
import type { Call } from '../control/stats.ts';
import type { Deps } from '../deps.ts';
import type { ModelSpec } from '../models/catalogue.ts';
import { seededRandom } from '../random.ts';
import type { InputUsage } from '../tokens/cache.ts';
import type { Prefix } from '../tokens/prefix.ts';
import { renderPrefix } from '../tokens/prefix.ts';
import { checkMessages } from '../validation/messages.ts';
import { checkAnswerLimits, checkConversation, requireModel } from '../validation/model-rules.ts';
import { parseBody } from '../validation/parse.ts';
import type { MessagesRequest } from '../validation/schema.ts';
import { messagesSchema } from '../validation/schema.ts';
import { bend, drawAwkward } from '../wire/awkward.ts';
import type { Awkward } from '../wire/awkward-ways.ts';
import { readJson } from '../wire/body.ts';
import type { Delivery } from '../wire/deliver.ts';
import { cutBody, streamBody } from '../wire/deliver.ts';
import { ApiError, badRequest, errorMessage } from '../wire/errors.ts';
import { eventsOf } from '../wire/events.ts';
import { newMessageId } from '../wire/ids.ts';
import type { MessageFrame } from '../wire/message.ts';
import { messageBody } from '../wire/message.ts';
import { aborted, paceOf, wait } from '../wire/pace.ts';
import type { AppContext } from './env.ts';

type Accepted = {
  request: MessagesRequest;
  model: ModelSpec;
  prefix: Prefix;
  conversation: BrainInput;
  respond: Respond | undefined;
};

/** Parses, checks, and finds the rule that applies. @throws ApiError */
const accept = async (c: AppContext, deps: Deps, call: Call): Promise<Accepted> => {
  const request = parseBody(messagesSchema, await readJson(c.env.incoming), c.get('apiVersion'));
  const prefix = renderPrefix(request);
  const agentType = agentTypeOf(request);
  const conversation = readConversation(request, prefix, deps.seed);
  call.describe({
    agentType,
    model: request.model,
    objective: conversation.swarmObjective,
    taskId: conversation.task?.id ?? null,
    turn: conversation.turn,
    prefixHash: prefix.turn,
  });
  const model = requireModel(request.model);
  checkConversation(request, model);
  checkAnswerLimits(request, model);
  checkMessages(request.messages);
  deps.signer.verify(request, model, prefix);
  if (prefix.totalTokens > model.maxInputTokens) {
    throw badRequest(`prompt is too long: ${prefix.totalTokens} tokens > ${model.maxInputTokens} maximum`);
  }
  const respond = deps.scenario.apply({
    agentType: agentType ?? '',
    model: request.model,
    json: () => JSON.stringify(request),
  });
  return { request, model, prefix, conversation, respond };
};

/** Refusals that a rule or the rate limits ask for. @throws ApiError */
const refuse = ({ request, prefix, respond }: Accepted, deps: Deps, bucket: string): void => {
  const retryAfter = respond?.retryAfterSeconds;
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (respond?.status !== undefined)
    throw new ApiError(respond.status, errorMessage(respond.status), headers);
  if (respond?.streamError !== undefined && request.stream !== true)
    throw new ApiError(529, undefined, headers);
  const seconds = deps.limiter.take(bucket, prefix.totalTokens, deps.now());
  if (seconds !== undefined) throw new ApiError(429, undefined, { 'retry-after': String(seconds) });
};

const answerFor = ({ request, model, prefix, conversation, respond }: Accepted, deps: Deps): Answer =>
  composeAnswer({ request, model, prefix, signer: deps.signer }, think(conversation), respond);

const inputTotal = (input: InputUsage): number =>
  input.uncached + input.read + input.written5m + input.written1h;

const deliver = async (
  c: AppContext,
  frame: MessageFrame,
  spreadMs: number,
  stream: boolean,
  awkward: Awkward | undefined,
  delivery: Delivery,
): Promise<Response> => {
  if (stream && awkward !== 'whole') {
    c.header('content-type', 'text/event-stream; charset=utf-8');
    c.header('cache-control', 'no-cache');
    // Keeps the adapter from collecting the first chunks.
    c.header('transfer-encoding', 'chunked');
    return c.body(streamBody(bend(eventsOf(frame, delivery.random), awkward), spreadMs, delivery));
  }
  await wait(spreadMs, delivery.signal);
  const text = JSON.stringify(messageBody(frame));
  c.header('content-type', 'application/json');
  const cutAt = delivery.respond?.cutAfterBytes;
  if (cutAt !== undefined) {
    c.header('content-length', String(Buffer.byteLength(text)));
    return c.body(cutBody(text, cutAt, delivery));
  }
  if (!delivery.signal.aborted) delivery.onCompleted();
  return c.body(text);
};

/** `POST /v1/messages`. */
export const handleMessages = async (c: AppContext, deps: Deps): Promise<Response> => {
  const call = deps.stats.begin(deps.now());
  const gone = new AbortController();
  c.env.outgoing.once('close', () => {
    gone.abort();
    call.aborted();
  });
  // Closing the server closes every connection, so this signal covers that, too.
  const { signal } = gone;
  try {
    const accepted = await accept(c, deps, call);
    const { request, model, prefix, respond } = accepted;
    if (respond?.hang === true || (respond?.endless === true && request.stream !== true)) {
      await aborted(signal);
      throw new ApiError(503, 'The server is closing.');
    }
    if (respond?.garbage !== undefined) {
      call.ended('failed', 200);
      c.header('content-type', request.stream === true ? 'text/event-stream' : 'application/json');
      return c.body(respond.garbage);
    }
    const bucket = `${c.get('apiKey')}\u0000${model.id}`;
    try {
      refuse(accepted, deps, bucket);
    } finally {
      for (const [name, value] of Object.entries(deps.limiter.headers(bucket, deps.now())))
        c.header(name, value);
    }
    const input = deps.cache.account(c.get('apiKey'), model, prefix, request.cache_control, deps.now());
    const answer = answerFor(accepted, deps);
    deps.limiter.correct(bucket, { cachedInput: input.read, output: answer.outputTokens }, deps.now());
    const random = seededRandom(deps.seed, prefix.turn, 'wire');
    const pace = paceOf(deps.latencyMs, answer.outputTokens, random);
    await wait(respond?.latencyMs ?? pace.firstMs, signal);
    const frame: MessageFrame = {
      id: newMessageId(),
      model: request.model,
      answer,
      input,
      diagnostics: request.diagnostics != null,
    };
    const awkward = respond?.awkward ?? drawAwkward(deps.awkwardShare, random);
    return await deliver(c, frame, pace.spreadMs, request.stream === true, awkward, {
      signal,
      outgoing: c.env.outgoing,
      random,
      requestId: c.get('requestId'),
      respond,
      unnamed: awkward === 'no-event-lines',
      onCompleted: () => call.completed({ input: inputTotal(input), output: answer.outputTokens }),
      onFailed: () => call.ended('failed', 200),
    });
  } catch (error) {
    call.ended('refused', error instanceof ApiError ? error.status : 500);
    throw error;
  }
};
