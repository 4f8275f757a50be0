import { waitFor } from '@claude-flow/testing/wait-for';
import type { ClaudeFlowClient, CreateSwarmOptions } from 'claude-flow/client';
import type { Place } from '../generate/texts.ts';
import { OTHERS_MARK } from '../judge/judge-answer.ts';

const DEADLINE_MS = 60_000;

type Tasks = NonNullable<CreateSwarmOptions['tasks']>;
interface Furniture {
  client: ClaudeFlowClient;
  objective: string;
  options: CreateSwarmOptions;
  /** Whether a swarm is still what the place promises. */
  good(status: string): boolean;
}

/** One swarm of each kind, of the fuzzing owner and of another one, whose texts all carry the mark. */
export async function createPlaces(own: ClaudeFlowClient, other: ClaudeFlowClient, otherKeyId: string) {
  const running = { autoStart: true, timeout: 3_600_000 };
  const furniture: Partial<Record<Place, Furniture>> = {
    '@own-finished@': {
      client: own,
      objective: 'Build a small thing for the fuzz run',
      options: { ...running, tasks: graph('for the fuzz run') },
      good: (status) => status === 'completed',
    },
    '@own-asking@': {
      client: own,
      objective: 'Ask before anything is written',
      options: { ...running, tasks: graph('that asks'), options: { toolPolicy: { write_file: 'ask' } } },
      good: (status) => status === 'executing',
    },
    '@own-planned@': {
      client: own,
      objective: 'A graph that nobody starts',
      options: { tasks: graph('that waits') },
      good: (status) => status === 'planning',
    },
    '@own-fresh@': {
      client: own,
      objective: 'Something that the model plans',
      options: {},
      good: () => true,
    },
    '@other-finished@': {
      client: other,
      objective: `The secret plans ${OTHERS_MARK}`,
      options: { ...running, tasks: graph(OTHERS_MARK) },
      good: (status) => status === 'completed',
    },
    '@other-planned@': {
      client: other,
      objective: `The next secret plans ${OTHERS_MARK}`,
      options: { tasks: graph(OTHERS_MARK) },
      good: (status) => status === 'planning',
    },
  };
  const values = new Map<string, string>([['@other-key-id@', otherKeyId]]);

  async function furnish(place: string, { client, objective, options, good }: Furniture): Promise<void> {
    const present = values.get(place);
    if (present !== undefined && good(await statusOf(client, present))) return;
    const { swarmId } = await client.createSwarm(objective, options);
    await waitFor(async () => good(await statusOf(client, swarmId)), {
      deadlineMs: DEADLINE_MS,
      what: `${place} to be ready`,
    });
    values.set(place, swarmId);
    if (place === '@own-asking@') values.set('@approval@', await firstApproval(client, swarmId));
    if (place === '@own-finished@') values.set('@file@', await firstFile(client, swarmId));
    if (place === '@other-finished@') {
      const { nextCursor } = await client.listSwarms({ limit: 1 });
      values.set('@other-cursor@', nextCursor ?? 'none');
    }
  }
  const renew = async () => {
    await Promise.all(Object.entries(furniture).map(([place, one]) => furnish(place, one)));
  };
  await renew();
  return {
    renew,
    fill: (text: string) => text.replace(/@[a-z-]+@/g, (place) => values.get(place) ?? place),
  };
}

function graph(mark: string): Tasks {
  const description = `Write this part completely: ${mark}.`;
  const requirements = { permissions: ['read', 'write'] as ('read' | 'write')[] };
  const common = { description, requirements, type: 'coding', agentType: 'coder' } as const;
  return [
    { key: 'a', name: `First ${mark}`, ...common },
    { key: 'b', name: `Second ${mark}`, dependencies: ['a'], ...common },
  ];
}

function statusOf(client: ClaudeFlowClient, swarmId: string): Promise<string> {
  return client.getSwarmStatus(swarmId).then(
    ({ data }) => data.status,
    () => 'gone',
  );
}

function firstApproval(client: ClaudeFlowClient, swarmId: string): Promise<string> {
  return waitFor(async () => (await client.listApprovals(swarmId, { status: 'pending' })).approvals[0]?.id, {
    deadlineMs: DEADLINE_MS,
    what: 'an agent to ask',
  });
}

async function firstFile(client: ClaudeFlowClient, swarmId: string): Promise<string> {
  const { artifacts } = await client.listArtifacts(swarmId);
  return artifacts[0]?.path ?? 'none';
}
