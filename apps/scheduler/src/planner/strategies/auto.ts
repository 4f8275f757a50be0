import { type HandOver, type PlanStrategy, quoted } from './strategy.ts';

/** Words that speak for a strategy. Stems: `test` also finds `tests` and `testing`. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  development:
    /\b(build|creat(?:e|ing)|implement\w*|develop\w*|cod(?:e|ing)|program\w*|refactor\w*|fix(?:es|ing)?|migrat\w+|deploy\w*|apis?|apps?|applications?|websites?|services?|microservices?|cli|librar(?:y|ies)|backend|frontend|games?|bots?|scripts?|database)\b/giu,
  research:
    /\b(research\w*|investigat\w+|explor(?:e|es|ing)|survey\w*|find out|learn about|literature|state of the art|compar(?:e|es|ing|ison)|alternatives?|options for|what is|how do(?:es)?|why do(?:es)?)\b/giu,
  analysis:
    /\b(analy[sz]\w*|evaluat\w+|assess\w*|measur\w+|diagnos\w+|forecast\w*|estimat\w+|metrics?|trends?|statistics|figures|root causes?|bottlenecks?|data ?sets?)\b/giu,
  testing:
    /\b(test(?:s|ed|ing)?|unit tests?|integration tests?|test cases?|coverage|qa|quality assurance|verif(?:y|ies|ication)|validat\w+|regressions?|load tests?|benchmark\w*)\b/giu,
  review:
    /\b(review\w*|audit\w*|critiqu\w*|proofread\w*|inspect\w*|code review|feedback on|check (?:the|this|our|my)|second opinion)\b/giu,
};

/** The sign that comes first usually is the verb of the sentence: what is to be done, not what it is done to. */
const FIRST_SIGN_WEIGHT = 3;

/**
 * Finds the strategy that an objective's words speak for.
 * @returns undefined when none does
 */
export function chooseStrategy(objective: string): HandOver | undefined {
  const found = Object.entries(SIGNS).flatMap(([strategy, pattern]) =>
    [...objective.matchAll(pattern)].map((match) => ({ strategy, at: match.index, word: match[0] })),
  );
  if (found.length === 0) return undefined;
  found.sort((a, b) => a.at - b.at);
  const scores = new Map<string, number>();
  for (const [index, { strategy }] of found.entries()) {
    scores.set(strategy, (scores.get(strategy) ?? 0) + (index === 0 ? FIRST_SIGN_WEIGHT : 1));
  }
  // Sorting is stable and the map is in the order of appearance: of equals the one named first wins.
  const [to = ''] = [...scores].sort((a, b) => b[1] - a[1])[0] ?? [];
  const words = [
    ...new Set(found.filter((sign) => sign.strategy === to).map((sign) => sign.word.toLowerCase())),
  ];
  const shown = words.slice(0, 3).map((word) => `"${word}"`);
  return { to, reason: `Strategy auto chose ${to}, because the objective says ${shown.join(', ')}.` };
}

export const auto: PlanStrategy = {
  name: 'auto',
  guidance: [
    'The objective names no particular kind of work: decide yourself what it needs.',
    'First settle what a good result is. Then let two or more agents work towards it at the same time, each on a part or an approach of its own.',
    'Plan a task that joins their work into one result, and one that checks it against what was settled at first.',
  ].join('\n'),
  agentTypes: [
    'coordinator',
    'coder',
    'reviewer',
    'tester',
    'researcher',
    'analyst',
    'architect',
    'specialist',
  ],
  handOver: chooseStrategy,
  template(objective) {
    const aim = quoted(objective);
    return {
      summary: `Settle what a good result for ${aim} is, prepare it from two sides, make it, then check it.`,
      tasks: [
        {
          key: 'brief',
          name: 'Brief',
          description: `Settle what ${aim} asks for. Write docs/brief.md: for whom it is, what a good result looks like as a numbered list of checkable points, its form and size, and the assumptions made.`,
          type: 'analysis',
          agentType: 'analyst',
          priority: 'high',
          dependsOn: [],
          expectedOutput: 'docs/brief.md with checkable points.',
        },
        {
          key: 'material',
          name: 'Material',
          description: `Gather what is needed to do ${aim} well. Write docs/material.md: facts, examples and models worth following, each with how sure it is and what it is good for here.`,
          type: 'research',
          agentType: 'researcher',
          priority: 'normal',
          dependsOn: ['brief'],
          expectedOutput: 'docs/material.md with usable facts and examples.',
        },
        {
          key: 'outline',
          name: 'Outline',
          description: `Give ${aim} its shape. Write docs/outline.md: the structure of the result part by part, what each part has to achieve, and the order in which to make them.`,
          type: 'design',
          agentType: 'architect',
          priority: 'normal',
          dependsOn: ['brief'],
          expectedOutput: 'docs/outline.md with the parts and what each achieves.',
        },
        {
          key: 'result',
          name: 'Result',
          description: `Make the result that ${aim} asks for, complete and in its final form, by the outline and with the material gathered. Put it in files of a fitting kind, with fitting names.`,
          type: 'custom',
          agentType: 'specialist',
          priority: 'high',
          dependsOn: ['material', 'outline'],
          expectedOutput: 'The finished result as files.',
        },
        {
          key: 'check',
          name: 'Check',
          description: `Check the result of ${aim} point by point against docs/brief.md. Write docs/check.md: what is met, what is not and how to mend it.`,
          type: 'review',
          agentType: 'reviewer',
          priority: 'normal',
          dependsOn: ['brief', 'result'],
          expectedOutput: 'docs/check.md with a verdict on every point.',
        },
      ],
    };
  },
};
