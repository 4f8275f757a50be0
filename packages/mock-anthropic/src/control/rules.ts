import { z } from 'zod';
import { AWKWARD } from '../wire/awkward-ways.ts';

const respond = z
  .strictObject({
    /** Answer with this error status instead of a message. */
    status: z.int().min(400).max(599).optional(),
    /** `retry-after` header of such an error, in seconds. */
    retryAfterSeconds: z.number().min(0).optional(),
    /** Answer with exactly this text, no matter what was asked. */
    text: z.string().optional(),
    /** Time until the first token, in ms, in place of the configured one. */
    latencyMs: z.number().min(0).optional(),
    /** Never answer; the call stays open until the client gives up. */
    hang: z.literal(true).optional(),
    /** Stream text without end, until the client gives up (not streaming: never answer). */
    endless: z.literal(true).optional(),
    /** Answer 200 with these bytes in place of a message: not even the protocol is kept. */
    garbage: z.string().optional(),
    /** Cut the connection after so many bytes of the response body. */
    cutAfterBytes: z.int().min(0).optional(),
    /** Send an `error` event of this type in the middle of a stream (not streaming: an error response). */
    streamError: z.string().min(1).optional(),
    /** Send the answer as awkward servers do: see `wire/awkward.ts`. */
    awkward: z.enum(AWKWARD).optional(),
    /** Write the input of the answer's tool calls as this text, JSON or not. */
    toolInput: z.string().optional(),
    /** End the answer with this stop reason. */
    stopReason: z
      .enum(['refusal', 'max_tokens', 'pause_turn', 'model_context_window_exceeded', 'end_turn'])
      .optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'name at least one thing to do');

const rule = z.strictObject({
  match: z
    .strictObject({
      agentType: z.string().optional(),
      model: z.string().optional(),
      /** Part of the request, looked for in its whole JSON text. */
      contains: z.string().optional(),
    })
    .optional(),
  /** How many calls the rule applies to; without it, all. */
  times: z.int().min(1).optional(),
  respond,
});

export const scenarioSchema = z.strictObject({ rules: z.array(rule) });

export type Rule = z.infer<typeof rule>;
export type Respond = z.infer<typeof respond>;

/** What a rule can match on. `json` is only rendered when a rule asks for it. */
type RuleSubject = { agentType: string; model: string; json: () => string };

export type Scenario = {
  replace: (rules: readonly Rule[]) => void;
  /** The first matching rule with calls left; using it takes one of them. */
  apply: (subject: RuleSubject) => Respond | undefined;
};

/** The rules in force, in memory only. */
export const createScenario = (): Scenario => {
  let active: Array<{ rule: Rule; left: number }> = [];
  const matches = ({ match }: Rule, subject: RuleSubject): boolean =>
    (match?.agentType === undefined || match.agentType === subject.agentType) &&
    (match?.model === undefined || match.model === subject.model) &&
    (match?.contains === undefined || subject.json().includes(match.contains));
  return {
    replace: (rules) => {
      active = rules.map((entry) => ({ rule: entry, left: entry.times ?? Number.POSITIVE_INFINITY }));
    },
    apply: (subject) => {
      const found = active.find((entry) => entry.left > 0 && matches(entry.rule, subject));
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.rule.respond;
    },
  };
};
