import type { PlannedTask } from '@claude-flow/core/contracts/plan';
import { cutText } from '@claude-flow/core/domain/cut-text';
import {
  AGENT_TYPE_OF_TASK,
  AGENT_TYPES,
  PRIORITIES,
  type PriorityName,
  TASK_TYPES,
  type TaskType,
} from '@claude-flow/core/domain/vocabulary';

type Fields = Readonly<Record<string, unknown>>;

/** Longest key, name, description and expected output, in characters: those of `plannedTaskSchema`. */
const MAX = { key: 64, name: 200, description: 4_000, expectedOutput: 1_000 };
const MIN = { name: 3, description: 10 };

/** Other names under which models write a field. Compared without case, spaces, hyphens and underscores. */
const NAMES = {
  key: ['key', 'id', 'taskid', 'taskkey', 'ref'],
  name: ['name', 'title', 'taskname', 'task'],
  description: ['description', 'details', 'instructions', 'prompt', 'what', 'goal'],
  type: ['type', 'tasktype', 'kind', 'category'],
  agentType: ['agenttype', 'agent', 'role', 'assignee', 'assignedto', 'owner'],
  priority: ['priority', 'importance'],
  dependsOn: [
    'dependson',
    'dependencies',
    'depends',
    'deps',
    'requires',
    'prerequisites',
    'blockedby',
    'after',
  ],
  expectedOutput: ['expectedoutput', 'output', 'outputs', 'deliverable', 'deliverables', 'result'],
} as const satisfies Record<keyof PlannedTask, readonly string[]>;

const TASK_WORDS: readonly [RegExp, TaskType][] = [
  [/test|qa|verif|validat/, 'testing'],
  [/review|audit|critique|check/, 'review'],
  [/cod(e|ing)|develop|implement|program|build|fix|refactor/, 'coding'],
  [/design|architect|plan/, 'design'],
  [/research|investigat|explor|discover/, 'research'],
  [/analy|evaluat|assess|compar/, 'analysis'],
];

const AGENT_WORDS: readonly [RegExp, PlannedTask['agentType']][] = [
  [/test|qa|quality/, 'tester'],
  [/review|critic|audit/, 'reviewer'],
  [/architect|design/, 'architect'],
  [/analy/, 'analyst'],
  [/research|investigat|scientist/, 'researcher'],
  [/cod(e|ing)|develop|engineer|program|backend|frontend|fullstack/, 'coder'],
  [/coordinat|manager|lead|orchestrat/, 'coordinator'],
];

const PRIORITY_WORDS: readonly [RegExp, PriorityName][] = [
  [/^(p0|urgent|blocker|highest|must|4)$/, 'critical'],
  [/^(p1|important|3)$/, 'high'],
  [/^(p2|medium|mid|default|standard|2)$/, 'normal'],
  [/^(p3|p4|minor|lowest|optional|1)$/, 'low'],
];

/**
 * A task as a model wrote it, made into one of the plan. What is odd is mended or left out, and told; only a task that says
 * nothing at all cannot be mended.
 * @param tell takes a sentence for each thing that was mended
 * @returns undefined for a task without any words
 */
export function mendTask(
  raw: unknown,
  number: number,
  tell: (what: string) => void,
): PlannedTask | undefined {
  const given = typeof raw === 'string' ? { description: raw } : raw;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const fields = byKnownNames(given as Fields);
  const words = { name: textOf(fields.name), description: textOf(fields.description) };
  const expected = textOf(fields.expectedOutput);
  const said = words.description || words.name || expected;
  if (said === '') return undefined;

  const key = textOf(fields.key) || `task-${number}`;
  const where = `Task ${number} ("${cutText(key, MAX.key)}")`;
  const told = (what: string) => tell(`${where}: ${what}`);
  if (textOf(fields.key) === '') told('it had no key.');

  const type = oneOf(fields.type, TASK_TYPES, TASK_WORDS, 'custom', 'type', told);
  const agentType = oneOf(
    fields.agentType,
    AGENT_TYPES,
    AGENT_WORDS,
    AGENT_TYPE_OF_TASK[type],
    'agent type',
    told,
  );
  return {
    key: fitted(key, 'key', told),
    name: nameOf(words, key, told),
    description: descriptionOf(words, expected, told),
    type,
    agentType,
    priority: oneOf(fields.priority, PRIORITIES, PRIORITY_WORDS, 'normal', 'priority', told),
    dependsOn: keysOf(fields.dependsOn),
    expectedOutput: fitted(expected, 'expectedOutput', told),
  };
}

/** A key in the spelling in which it is compared when the plain one is not found. */
export function plainKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

/** As a name of the task graph: keys are cut wherever they stand. */
function asKey(value: unknown): string {
  return cutText(textOf(value), MAX.key);
}

/** The fields under our names; of several that mean the same the one that is named first above. */
function byKnownNames(given: Fields): Partial<Record<keyof PlannedTask, unknown>> {
  const plain = new Map(
    Object.entries(given).map(([name, value]) => [name.toLowerCase().replace(/[\s_-]/g, ''), value]),
  );
  const fields: Partial<Record<keyof PlannedTask, unknown>> = {};
  for (const [field, names] of Object.entries(NAMES) as [keyof PlannedTask, readonly string[]][]) {
    const name = names.find((one) => plain.get(one) !== undefined && plain.get(one) !== null);
    if (name !== undefined) fields[field] = plain.get(name);
  }
  return fields;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed().trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join('\n');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}

function keysOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : textOf(value).split(/[,;\n]/);
  const keys = list.map((one) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return asKey(one);
    return asKey(byKnownNames(one as Fields).key);
  });
  return [...new Set(keys)].filter((key) => !/^(none|null|nothing|n\/a|-)?$/i.test(key));
}

function oneOf<Word extends string>(
  value: unknown,
  known: readonly Word[],
  words: readonly (readonly [RegExp, NoInfer<Word>])[],
  otherwise: NoInfer<Word>,
  what: string,
  told: (what: string) => void,
): Word {
  const text = textOf(value);
  const plain = text.toLowerCase();
  const exact = known.find((word) => word === plain);
  if (exact !== undefined) return exact;
  const read = (plain === '' ? undefined : words.find(([pattern]) => pattern.test(plain))?.[1]) ?? otherwise;
  told(
    text === ''
      ? `it had no ${what}; it is ${read}.`
      : `its ${what} "${cutText(text, 40, '...')}" was read as ${read}.`,
  );
  return read;
}

function nameOf(
  words: { name: string; description: string },
  key: string,
  told: (what: string) => void,
): string {
  const given = words.name.replace(/\s+/g, ' ');
  if (given.length >= MIN.name) return fitted(given, 'name', told);
  if (given !== '') {
    told('its name was too short.');
    return `Task ${given}`;
  }
  told('it had no name.');
  const spoken = key.replace(/[-_]+/g, ' ').trim();
  const [line = ''] = words.description.split(/\n|(?<=[.!?])\s/, 1);
  return cutText(
    /[a-z]{3}/i.test(spoken) && !/^task \d+$/.test(spoken) ? spoken : line.padEnd(MIN.name, '.'),
    60,
  );
}

function descriptionOf(
  words: { name: string; description: string },
  expected: string,
  told: (what: string) => void,
): string {
  if (words.description.length >= MIN.description) return fitted(words.description, 'description', told);
  told(words.description === '' ? 'it had no description.' : 'its description was too short.');
  const parts = [words.description, words.name, expected].filter((part) => part !== '');
  return cutText(`Do this part of the objective: ${[...new Set(parts)].join('. ')}`, MAX.description);
}

function fitted(text: string, field: keyof typeof MAX, told: (what: string) => void): string {
  if (text.length <= MAX[field]) return text;
  told(`its ${field} was longer than ${MAX[field]} characters and was cut.`);
  return cutText(text, MAX[field]);
}
