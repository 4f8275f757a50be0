type FieldKind = 'text' | 'email' | 'number' | 'integer' | 'boolean' | 'date' | 'choice';

export type Field = {
  name: string;
  kind: FieldKind;
  required?: true;
  unique?: true;
  choices?: readonly string[];
};

const text = (name: string): Field => ({ name, kind: 'text', required: true });

const KNOWN: ReadonlyArray<[RegExp, Field[]]> = [
  [
    /^(user|account|member|employee|student|person|people|admin|author|player)$/,
    [
      text('name'),
      { name: 'email', kind: 'email', required: true, unique: true },
      { name: 'role', kind: 'choice', choices: ['member', 'admin'] },
    ],
  ],
  [
    /^(customer|contact|client|supplier|patient|guest|lead)$/,
    [
      text('name'),
      { name: 'email', kind: 'email', required: true, unique: true },
      { name: 'phone', kind: 'text' },
    ],
  ],
  [
    /^(product|item|article|part|shop|store|catalog|stock)$/,
    [text('name'), { name: 'price', kind: 'number', required: true }, { name: 'stock', kind: 'integer' }],
  ],
  [
    /^(order|purchase|cart|delivery|shipment)$/,
    [
      text('customer'),
      { name: 'total', kind: 'number', required: true },
      { name: 'status', kind: 'choice', choices: ['open', 'paid', 'shipped'] },
    ],
  ],
  [
    /^(invoice|payment|expense|transaction|bill|budget)$/,
    [
      text('description'),
      { name: 'amount', kind: 'number', required: true },
      { name: 'paid', kind: 'boolean' },
    ],
  ],
  [
    /^(todo|task|issue|ticket|reminder|chore)$/,
    [text('title'), { name: 'done', kind: 'boolean' }, { name: 'due', kind: 'date' }],
  ],
  [
    /^(book|movie|film|song|album|game|recipe|podcast)$/,
    [text('title'), { name: 'creator', kind: 'text' }, { name: 'year', kind: 'integer' }],
  ],
  [
    /^(event|booking|reservation|appointment|meeting|room|course|flight|hotel)$/,
    [text('title'), { name: 'date', kind: 'date', required: true }, { name: 'seats', kind: 'integer' }],
  ],
  [
    /^(post|note|comment|message|page|document|blog)$/,
    [text('title'), { name: 'body', kind: 'text' }, { name: 'published', kind: 'boolean' }],
  ],
];

const OTHER: Field[] = [
  text('name'),
  { name: 'description', kind: 'text' },
  { name: 'status', kind: 'choice', choices: ['active', 'archived'] },
];

/** The fields a record of that kind usually has. The first one is always a required text. */
export const fieldsFor = (noun: string): Field[] =>
  KNOWN.find(([pattern]) => pattern.test(noun))?.[1] ?? OTHER;

/** A valid value as JavaScript source; `n` makes it differ. */
export const sampleValue = (field: Field, n: number): string => {
  switch (field.kind) {
    case 'text':
      return `'Sample ${field.name} ${n}'`;
    case 'email':
      return `'person${n}@example.com'`;
    case 'number':
      return `${n + 9}.5`;
    case 'integer':
      return String(n);
    case 'boolean':
      return n % 2 === 0 ? 'true' : 'false';
    case 'date':
      return `'2026-0${(n % 8) + 1}-15'`;
    case 'choice':
      return `'${field.choices?.[n % field.choices.length] ?? ''}'`;
  }
};

/** A valid record as a JavaScript object literal on one line. */
export const sampleRecord = (fields: readonly Field[], n: number): string =>
  `{ ${fields.map((field) => `${field.name}: ${sampleValue(field, n)}`).join(', ')} }`;
