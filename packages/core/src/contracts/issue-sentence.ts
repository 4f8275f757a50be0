/** What is told of one fault of a checked value. */
export interface CheckedIssue {
  code?: string | undefined;
  path: readonly PropertyKey[];
  message: string;
}

/** How the checking library words a fault when the schema has no sentence of its own. */
const LIBRARY_WORDS = /^(Invalid |Too (small|big): |Unrecognized key)/;

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * A fault as a sentence that names its field and says what to do.
 * @param field as it is to be shown; empty for the whole
 */
export function issueSentence(issue: CheckedIssue, field: string): string {
  const { message } = issue;
  if (!LIBRARY_WORDS.test(message)) return message;
  const name = field === '' ? 'The body' : field;
  return `${name} ${demand(issue)}.`;
}

function demand(issue: CheckedIssue): string {
  if (/received undefined$/.test(issue.message)) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[textOf(issue, 'expected')] ?? 'of another kind'}`;
    case 'invalid_value':
      return `must be ${listOf(issue, 'values')
        .map(String)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}`;
    case 'too_small':
      return bound(issue, 'at least', 'more than', textOf(issue, 'minimum'));
    case 'too_big':
      return bound(issue, 'at most', 'less than', textOf(issue, 'maximum'));
    case 'unrecognized_keys':
      return `has fields that are not known here: ${listOf(issue, 'keys').map(String).join(', ')}`;
    default:
      return 'is not valid';
  }
}

/** @param limit as it is written */
function bound(issue: CheckedIssue, inclusive: string, exclusive: string, limit: string): string {
  const origin = textOf(issue, 'origin');
  if (origin === 'string') return `must have ${inclusive} ${limit} characters`;
  if (origin === 'array') return `must have ${inclusive} ${limit} entries`;
  return `must be ${detailOf(issue, 'inclusive') === false ? exclusive : inclusive} ${limit}`;
}

function detailOf(issue: CheckedIssue, name: string): unknown {
  return Object.entries(issue).find(([key]) => key === name)?.[1];
}
const textOf = (issue: CheckedIssue, name: string): string => String(detailOf(issue, name));
function listOf(issue: CheckedIssue, name: string): unknown[] {
  const value = detailOf(issue, name);
  return Array.isArray(value) ? value : [];
}
