/** The Prometheus text format, version 0.0.4. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

interface Sample {
  /** Added to the family's name: `_sum`, `_count`. */
  suffix?: '_sum' | '_count';
  labels: Labels;
  value: number;
}

export interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'summary';
  samples: readonly Sample[];
}

/** What is no name for Prometheus becomes one. */
export function metricName(name: string): string {
  const legal = name.replace(/[^a-zA-Z0-9_:]/g, '_');
  return /^[a-zA-Z_:]/.test(legal) ? legal : `_${legal}`;
}

const labelName = (name: string) => metricName(name).replaceAll(':', '_');
const escaped = (text: string) =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${labelName(name)}="${escaped(String(value))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.sort().join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

/** Each family once, with its type; a family without samples is left out. */
export function exposition(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, help, type, samples }) => {
    if (samples.length === 0) return [];
    const legal = metricName(name);
    const rows = samples.map(
      ({ suffix = '', labels, value }) => `${legal}${suffix}${labelText(labels)} ${numberText(value)}`,
    );
    const told = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return [`# HELP ${legal} ${told}`, `# TYPE ${legal} ${type}`, ...rows];
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
