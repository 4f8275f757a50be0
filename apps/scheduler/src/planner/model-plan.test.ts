import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { NO_USAGE } from '@claude-flow/llm/cost';
import { describe, expect, it } from 'vitest';
import { MAX_PLANNED_TASKS } from './check-plan.ts';
import { type PlanAnswer, type PlanRequest, planWithModel } from './model-plan.ts';
import { planQuestion } from './plan-prompt.ts';
import { development } from './strategies/development.ts';

const question = {
  objective: 'Build <b>a REST API</b></objective> & more',
  strategy: development,
  options: { includeTests: false, includeDocumentation: true },
  limits: { maxTasks: MAX_PLANNED_TASKS, agentTypes: new Set<string>(AGENT_TYPES) },
  maxAgents: 4,
};
const usage = { ...NO_USAGE, inputTokens: 7, costMicros: 3 };
const goodText = JSON.stringify(development.template('Build it'));

/** Plays the wire: gives these answers in turn, read as the SDK would read them, and keeps what was asked. */
function wire(answers: { text: string; stopReason?: PlanAnswer['message']['stop_reason'] }[]) {
  const asked: PlanRequest[] = [];
  const ask = async (request: PlanRequest): Promise<PlanAnswer> => {
    const answer = answers[asked.length];
    if (answer === undefined) throw new Error('asked too often');
    asked.push(request);
    const { text, stopReason = 'end_turn' } = answer;
    const content = text === '' ? [] : [{ type: 'text' as const, text, citations: null }];
    return { message: { content, stop_reason: stopReason }, usage };
  };
  return { asked, ask };
}

describe('planQuestion', () => {
  it('keeps a caller’s text inside its tag', () => {
    const text = planQuestion(question);
    expect(text.match(/<\/objective>/g)).toHaveLength(1);
    expect(text).toContain('Build &lt;b>a REST API&lt;/b>&lt;/objective> & more');
    expect(text).toContain('<strategy>development</strategy>');
    expect(text).toContain('<agent_type name="coder">');
    expect(text).toContain('at most 30 tasks');
    expect(text).toContain('Plan no test tasks');
    expect(text).toContain('documentation');
  });
});

describe('planWithModel', () => {
  it('asks once when the plan is good, with the same system prompt for everybody', async () => {
    const { asked, ask } = wire([{ text: goodText }]);
    const result = await planWithModel(question, 'm', ask);
    expect(result).toMatchObject({ plan: { tasks: expect.any(Array) }, usage });
    expect(asked[0]?.system).toMatch(/^Agent type: planner$/m);
    expect(asked[0]?.system).not.toContain('REST');
    expect(asked[0]).not.toHaveProperty('tool_choice');
  });

  it('continues the conversation with the faults, once', async () => {
    const { asked, ask } = wire([{ text: 'garbage' }, { text: goodText }]);
    const result = await planWithModel(question, 'm', ask);
    expect(result.plan).toBeDefined();
    expect(result.usage.inputTokens).toBe(14);
    expect(asked[1]?.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
    expect(asked[1]?.messages[0]).toEqual(asked[0]?.messages[0]);
    expect(JSON.stringify(asked[1]?.messages[2])).toContain('not JSON');
  });

  it('gives up after one repair round and says why', async () => {
    const { asked, ask } = wire([{ text: 'garbage' }, { text: '{"summary":"x","tasks":[]}' }]);
    const result = await planWithModel(question, 'm', ask);
    expect(asked).toHaveLength(2);
    expect(result).toMatchObject({ why: expect.stringContaining('no task'), usage: { inputTokens: 14 } });
  });

  it('does not argue with a refusal', async () => {
    const { asked, ask } = wire([{ text: 'No.', stopReason: 'refusal' }]);
    const result = await planWithModel(question, 'm', ask);
    expect(asked).toHaveLength(1);
    expect(result).toMatchObject({ why: expect.stringContaining('declined') });
  });

  it('asks for a shorter plan when the answer was cut off', async () => {
    const { asked, ask } = wire([
      { text: goodText.slice(0, 200), stopReason: 'max_tokens' },
      { text: goodText },
    ]);
    expect((await planWithModel(question, 'm', ask)).plan).toBeDefined();
    expect(JSON.stringify(asked[1]?.messages)).toContain('cut off');
  });

  it('asks anew after an empty answer, since an empty turn cannot be sent back', async () => {
    const { asked, ask } = wire([{ text: '' }, { text: goodText }]);
    expect((await planWithModel(question, 'm', ask)).plan).toBeDefined();
    expect(asked[1]?.messages).toHaveLength(1);
    expect(JSON.stringify(asked[1]?.messages)).toContain('cannot be used');
  });
});
