import { readFile } from 'node:fs/promises';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, completed } from './support/swarm.ts';

interface Schema {
  oneOf?: { $ref: string }[];
  properties?: Record<string, Schema & { additionalProperties?: boolean }>;
}

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 1, model: { kind: 'mock', latencyMs: 20 } });
});
afterAll(() => stack?.stop());

test('each event of a swarm that was planned and done by real agents is as docs/openapi.json says, to the field', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Build a REST API for user management', { autoStart: true });
  await completed(client, swarmId);

  const page = new URL('../../docs/openapi.json', import.meta.url);
  const { components } = JSON.parse(await readFile(page, 'utf8')) as {
    components: { schemas: Record<string, Schema> };
  };
  const { schemas } = components;
  // Clients ignore what they do not know; here a field that nobody described is a fault.
  for (const { $ref } of schemas['SwarmEvent']?.oneOf ?? []) {
    const data = schemas[$ref.split('/').at(-1) ?? '']?.properties?.['data'];
    if (data !== undefined) data.additionalProperties = false;
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', components });
  const validate = ajv.compile({ $ref: 'api#/components/schemas/SwarmEvent' });

  const answer = await fetch(`${stack.apiUrls[0]}/api/swarm/${swarmId}/events?limit=1000`);
  const { events } = (await answer.json()) as { events: { eventType: string }[] };
  const faults = events.filter((event) => !validate(event)).map((event) => JSON.stringify(event));
  expect(faults).toEqual([]);
  const types = new Set(events.map(({ eventType }) => eventType));
  for (const type of ['swarm.planned', 'task.progress', 'task.completed', 'artifact.stored'])
    expect(types).toContain(type);
});
