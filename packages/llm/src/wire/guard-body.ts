import { ClaudeFlowError } from '@claude-flow/core/domain/errors';

/** How long a server may be silent within an answer, in milliseconds: every byte counts as a sign of life, pings too. */
export interface SilenceLimits {
  /** Until the first piece of the answer itself. */
  firstMs: number;
  /** From then on. */
  betweenMs: number;
}

export interface GuardedBody {
  body: ReadableStream<Uint8Array>;
  /** The answer itself has begun: from now on the second limit holds. */
  begun(): void;
  /** The first bytes that came, as text. */
  readonly head: string;
}

/** Bytes of the beginning that are kept, for a sentence about an answer that is none. */
const HEAD_BYTES = 4_096;

/**
 * The same bytes, but the body breaks off when it is longer than so many bytes (what a server sends without end would be
 * gathered until the process has no memory left) or when nothing comes for too long.
 */
export function guardBody(
  source: ReadableStream<Uint8Array>,
  limits: SilenceLimits & { bytes: number },
): GuardedBody {
  let left = limits.bytes;
  let quietMs = limits.firstMs;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  let head = Buffer.alloc(0);
  let giveUp: () => void = () => undefined;
  const watch = () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(giveUp, quietMs);
  };
  const end = () => {
    over = true;
    clearTimeout(timer);
  };
  const guard = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      giveUp = () => controller.error(silent(quietMs, quietMs === limits.firstMs));
      watch();
    },
    transform(piece, controller) {
      left -= piece.byteLength;
      if (left < 0) {
        end();
        controller.error(new Error(`it has more than ${limits.bytes} bytes`));
        return;
      }
      watch();
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece]).subarray(0, HEAD_BYTES);
      controller.enqueue(piece);
    },
    flush: end,
    cancel: end,
  });
  const body = source.pipeThrough(guard);
  return {
    body,
    get head() {
      return head.toString();
    },
    begun() {
      if (quietMs === limits.betweenMs) return;
      quietMs = limits.betweenMs;
      watch();
    },
  };
}

function silent(ms: number, first: boolean): ClaudeFlowError {
  const [where, variable] = first
    ? ['before the first piece of its answer', 'CLAUDE_FLOW_MODEL_STALL_FIRST_MS']
    : ['in the middle of its answer', 'CLAUDE_FLOW_MODEL_STALL_MS'];
  return new ClaudeFlowError(
    'model_unavailable',
    `The model provider sent nothing for ${ms / 1000} s ${where}. A server that needs longer gets more time with ${variable}.`,
    { retryable: true },
  );
}
