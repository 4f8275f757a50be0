/** The ports on which a process serves, as it reports them: `http` its service, `health` its probes. */
export interface ProcessPorts {
  http?: number;
  health?: number;
}

/** The ports in a `{"event":"process.ready","ports":{...}}` line; undefined for any other line. */
export function readReadyLine(line: string): ProcessPorts | undefined {
  if (!line.includes('process.ready')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const record = parsed as { event?: unknown; ports?: unknown };
  if (record.event !== 'process.ready') return undefined;
  const ports = (record.ports ?? {}) as Record<string, unknown>;
  const found: ProcessPorts = {};
  if (typeof ports['http'] === 'number') found.http = ports['http'];
  if (typeof ports['health'] === 'number') found.health = ports['health'];
  return found;
}
