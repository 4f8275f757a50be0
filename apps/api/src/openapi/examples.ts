const swarmId = 'swarm_mdnsk2o1_4ixwmn7rj';
const at = (minute: number) => `2026-01-28T10:${String(minute).padStart(2, '0')}:00.000Z`;
const timestamp = at(31);
const usage = {
  inputTokens: 18_240,
  outputTokens: 5_120,
  cacheReadTokens: 96_000,
  cacheWriteTokens: 12_000,
  costUsd: 0.21,
  estimated: false,
};
const progress = { totalTasks: 6, completedTasks: 3, percentComplete: 50 };

const swarm = (status: string, over: object = {}) => ({
  id: swarmId,
  name: 'User Management REST API Swarm',
  description: 'Build a REST API for user management',
  status,
  strategy: 'development',
  mode: 'centralized',
  effectiveMode: 'centralized',
  maxAgents: 5,
  timeout: 300_000,
  parallel: true,
  options: { includeTests: true, verbosity: 'normal' },
  model: null,
  planned: true,
  planSource: 'model',
  planDegraded: false,
  progress,
  tasksByStatus: { completed: 3, running: 2, blocked: 1 },
  usage,
  budget: { maxTokens: 2_000_000, maxCostUsd: null, usedTokens: 35_360, usedCostUsd: 0.21, percentUsed: 1 },
  webhook: {
    url: 'https://hooks.example.com/claude-flow',
    events: ['swarm.completed', 'swarm.failed', 'swarm.stopped'],
    signed: true,
    status: 'active',
    deliveredSeq: 41,
    failedAttempts: 0,
    nextAttemptAt: null,
    lastError: null,
  },
  lastEvent: 42,
  createdAt: at(30),
  startedAt: at(31),
  endedAt: null,
  reason: null,
  message: null,
  ...over,
});
const ofSwarm = (status: string, message: string, data: object) => ({
  answer: { swarmId, status, message, data, timestamp },
});

const file = {
  path: 'docs/architecture.md',
  size: 5_312,
  digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  url: `/api/swarm/${swarmId}/artifacts/task_001/docs/architecture.md`,
};

const task = (id: string, status: string, over: object = {}) => ({
  id: { id, swarmId, sequence: Number(id.slice(-3)), priority: 3 },
  key: 'implement-authentication',
  name: 'Implement Authentication',
  description: 'Implement JWT authentication system',
  type: 'coding',
  status,
  assignedTo: null,
  waiting: null,
  agentType: 'coder',
  dependencies: ['task_001'],
  onFailure: 'skip-dependents',
  attempt: 0,
  failures: 0,
  turns: 0,
  createdAt: at(31),
  startedAt: null,
  completedAt: null,
  error: null,
  usage: {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0,
    estimated: false,
  },
  result: null,
  ...over,
});
const done = task('task_001', 'completed', {
  key: 'system-architecture',
  name: 'System Architecture',
  description: 'Design system architecture for user management API',
  type: 'design',
  agentType: 'architect',
  dependencies: [],
  assignedTo: { id: 'agent_001' },
  attempt: 1,
  turns: 4,
  startedAt: at(31),
  completedAt: at(32),
  usage,
  result: {
    output: '## System Architecture Design\n...',
    summary: 'Three layers, one database, JWT for sessions.',
    decisions: ['Fastify, for its schema support'],
    openQuestions: [],
    quality: 0.95,
    executionTime: 45_000,
  },
});
const ofTask = (id: string, status: string, message: string, over: object = {}) => ({
  swarmId,
  taskId: id,
  status,
  message,
  data: task(id, status, over),
  timestamp,
});

const approval = {
  id: 'approval_003_9f86d081884c',
  kind: 'tool',
  status: 'pending',
  taskId: 'task_003',
  agentId: 'agent_002',
  tool: 'write_file',
  question: null,
  input: { path: 'src/auth.ts', content: '...' },
  inputText: '{"path":"src/auth.ts","content":"..."}',
  inputCut: false,
  change: {
    path: 'src/auth.ts',
    bytes: 3,
    created: true,
    diff: '--- /dev/null\n+++ src/auth.ts\n@@ -0,0 +1,1 @@\n+...\n',
    diffCut: false,
  },
  requestedAt: at(40),
  decidedAt: null,
  decidedBy: null,
  note: null,
};

const apiKey = {
  keyId: 'key_0123456789abcdef01234567',
  name: 'ci',
  owner: 'team-a',
  permissions: ['swarms:read', 'swarms:write'],
  admin: false,
  createdAt: at(1),
  createdBy: 'environment',
  expiresAt: null,
  lastUsedAt: at(2),
  useCount: 7,
};

const agent = (id: string, over: object = {}) => ({
  id: { id, swarmId, type: 'coder', instance: 1 },
  name: 'backend-developer',
  type: 'coder',
  status: 'idle',
  capabilities: {
    codeGeneration: true,
    codeReview: true,
    testing: true,
    documentation: false,
    research: false,
    analysis: false,
    languages: ['javascript', 'typescript'],
  },
  metrics: { tasksCompleted: 0, tasksFailed: 0, successRate: null, averageExecutionTime: null },
  currentTask: null,
  spawnedAt: at(31),
  terminatedAt: null,
  ...over,
});
const architect = agent('agent_001', {
  id: { id: 'agent_001', swarmId, type: 'architect', instance: 1 },
  name: 'architect-1',
  type: 'architect',
  status: 'busy',
  metrics: { tasksCompleted: 2, tasksFailed: 0, successRate: 1, averageExecutionTime: 45_000 },
  currentTask: 'task_004',
});
const ofAgent = (status: string, message: string, over: object = {}) => ({
  swarmId,
  agentId: 'agent_002',
  status,
  message,
  data: agent('agent_002', { status, ...over }),
  timestamp,
});

/** Whole bodies for the description of the API, by operation: those that the original document printed, the rest alike. */
export const EXAMPLES: Record<string, { request?: unknown; answer?: unknown }> = {
  getUsage: {
    answer: {
      owner: 'frontend',
      storage: {
        bytes: 18_204_113,
        limit: 4_294_967_296,
        limitPerSwarm: 268_435_456,
        largest: [{ swarmId, bytes: 9_112_004 }],
      },
      swarms: { stored: 12, unfinished: 2, startLimit: null },
      timestamp,
    },
  },
  listApprovals: { answer: { swarmId, approvals: [approval], count: 1, nextCursor: null } },
  getApproval: { answer: { swarmId, approval, fullInput: { path: 'src/auth.ts', content: '...' } } },
  decideApproval: {
    request: { decision: 'approve', note: 'Go ahead.' },
    answer: {
      swarmId,
      status: 'approved',
      message: 'Approved; the task goes on',
      data: { ...approval, status: 'approved', decidedAt: at(41), decidedBy: 'alice', note: 'Go ahead.' },
      timestamp,
    },
  },
  createKey: {
    request: { name: 'ci', owner: 'team-a', permissions: ['swarms:read', 'swarms:write'] },
    answer: {
      keyId: apiKey.keyId,
      key: `cf_${'0'.repeat(64)}`,
      message: 'Key created. Keep it now: it is not shown again.',
      data: { ...apiKey, lastUsedAt: null, useCount: 0 },
      timestamp,
    },
  },
  listKeys: { answer: { keys: [apiKey], count: 1, nextCursor: null } },
  revokeKey: {
    answer: { keyId: apiKey.keyId, status: 'revoked', message: 'Key revoked', timestamp },
  },
  createSwarm: {
    request: {
      objective: 'Build a REST API for user management',
      strategy: 'development',
      mode: 'centralized',
      maxAgents: 5,
      timeout: 300_000,
      parallel: false,
      options: { includeTests: true, verbosity: 'normal' },
      budget: { maxTokens: 2_000_000 },
    },
    answer: {
      swarmId,
      status: 'planning',
      message: 'Swarm created successfully',
      data: {
        objective: 'Build a REST API for user management',
        strategy: 'development',
        mode: 'centralized',
        effectiveMode: 'centralized',
        maxAgents: 5,
        timeout: 300_000,
        parallel: false,
        name: 'User Management REST API Swarm',
        planned: false,
      },
      timestamp: at(30),
    },
  },
  getSwarm: { answer: { swarmId, data: swarm('executing') } },
  listSwarms: {
    answer: {
      swarms: [
        {
          swarmId,
          name: 'User Management REST API Swarm',
          status: 'executing',
          strategy: 'development',
          progress,
          createdAt: at(30),
          endedAt: null,
          reason: null,
        },
      ],
      count: 1,
      nextCursor: null,
    },
  },
  startSwarm: ofSwarm('executing', 'Swarm started successfully', swarm('executing')),
  pauseSwarm: ofSwarm('paused', 'Swarm paused successfully', swarm('paused')),
  resumeSwarm: ofSwarm('executing', 'Swarm resumed successfully', swarm('executing')),
  stopSwarm: ofSwarm(
    'stopped',
    'Swarm stopped successfully',
    swarm('failed', { endedAt: timestamp, reason: 'stopped', message: 'Stopped on request.' }),
  ),
  deleteSwarm: ofSwarm('deleted', 'Swarm deleted successfully', { id: swarmId }),
  listTasks: { answer: { swarmId, tasks: [done], count: 1, nextCursor: null } },
  getTask: {
    answer: {
      swarmId,
      task: task('task_002', 'blocked'),
      why: 'It needs task_001 (running) to complete first.',
    },
  },
  createTask: {
    request: {
      name: 'Implement Authentication',
      description: 'Implement JWT authentication system',
      type: 'coding',
      priority: 'high',
      requirements: {
        capabilities: ['codeGeneration'],
        tools: ['git', 'npm'],
        permissions: ['read', 'write', 'execute'],
      },
      dependencies: ['task_001'],
    },
    answer: ofTask('task_007', 'blocked', 'Task created successfully'),
  },
  assignTask: {
    request: { agentId: 'agent_002' },
    answer: {
      ...ofTask('task_007', 'ready', 'Task assigned successfully', { assignedTo: { id: 'agent_002' } }),
      agentId: 'agent_002',
    },
  },
  retryTask: { answer: ofTask('task_002', 'ready', 'The task is tried again; 2 skipped tasks wait for it') },
  cancelTask: {
    answer: ofTask('task_002', 'cancelled', 'Task cancelled successfully', {
      completedAt: timestamp,
      error: { code: 'cancelled', message: 'Cancelled on request.' },
    }),
  },
  listAttempts: {
    answer: {
      swarmId,
      taskId: 'task_001',
      attempts: [
        {
          attempt: 1,
          agentId: 'agent_001',
          workerId: 'worker-7f3a',
          assignedAt: at(31),
          startedAt: at(31),
          endedAt: at(32),
          turns: 2,
          refusedCalls: 1,
          lastRefusal: 'read_file: There is no file docs/plan.md.',
          outcome: 'worker-lost',
          code: 'worker_lost',
          message: 'The worker was lost; another one goes on.',
        },
      ],
      count: 1,
      complete: true,
    },
  },
  listTurns: {
    answer: {
      swarmId,
      taskId: 'task_001',
      model: 'claude-opus-5-5',
      turns: [
        {
          turn: 1,
          attempt: 1,
          status: 'completed',
          text: 'I begin with the interfaces.',
          textCut: false,
          thinking: 'The API needs users, roles and sessions.',
          calls: [
            {
              id: 'toolu_01',
              tool: 'write_file',
              input: { path: 'docs/architecture.md', content: '# Architecture' },
              inputText: null,
              answer: { content: 'Wrote docs/architecture.md (14 bytes).', isError: false, cut: false },
            },
          ],
          notice: null,
          failures: [],
          stopReason: 'tool_use',
          usage,
        },
      ],
      count: 1,
      nextCursor: null,
    },
  },
  getGraph: {
    answer: {
      swarmId,
      nodes: [
        {
          id: 'task_001',
          key: 'system-architecture',
          name: 'System Architecture',
          type: 'design',
          agentType: 'architect',
          status: 'completed',
          priority: 3,
          level: 0,
          assignedTo: { id: 'agent_001' },
        },
        {
          id: 'task_002',
          key: 'implement-authentication',
          name: 'Implement Authentication',
          type: 'coding',
          agentType: 'coder',
          status: 'running',
          priority: 3,
          level: 1,
          assignedTo: { id: 'agent_002' },
        },
      ],
      edges: [{ from: 'task_001', to: 'task_002' }],
      count: 2,
      nextCursor: null,
    },
  },
  listAgents: { answer: { swarmId, agents: [architect], count: 1, nextCursor: null } },
  getAgent: { answer: { swarmId, agent: architect } },
  spawnAgent: {
    request: {
      type: 'coder',
      name: 'backend-developer',
      capabilities: { languages: ['javascript', 'typescript'], frameworks: ['express', 'fastify'] },
    },
    answer: ofAgent('idle', 'Agent spawned successfully'),
  },
  terminateAgent: {
    answer: ofAgent('terminated', 'Agent terminated successfully', { terminatedAt: timestamp }),
  },
  getResults: {
    answer: {
      swarmId,
      status: 'completed',
      results: {
        outputs: {
          task_001: '## System Architecture\n...',
          task_002: '// User authentication implementation\n...',
        },
        keys: { 'system-architecture': 'task_001', 'implement-authentication': 'task_002' },
        artifacts: {
          task_001: {
            key: 'system-architecture',
            diagrams: [],
            documents: ['docs/architecture.md'],
            files: [file],
          },
        },
        conflicts: [],
        summary: null,
        overallQuality: 0.92,
        totalExecutionTime: 180_000,
        efficiency: 0.85,
        usage,
      },
    },
  },
  getSwarmMetrics: {
    answer: {
      swarmId,
      metrics: {
        throughput: 0.5,
        latency: 2_500,
        efficiency: 0.85,
        reliability: 0.95,
        averageQuality: 0.9,
        resourceUtilization: { memory: 536_870_912, cpu: 1.5 },
        agentUtilization: 0.8,
      },
    },
  },
  getLogs: {
    answer: {
      swarmId,
      logs: [
        {
          timestamp,
          level: 'info',
          source: 'worker',
          message: 'architect-1 began task_001',
          swarmId,
          taskId: 'task_001',
        },
      ],
      count: 1,
    },
  },
  listArtifacts: {
    answer: {
      swarmId,
      artifacts: [{ ...file, taskId: 'task_001', key: 'system-architecture' }],
      count: 1,
      nextCursor: null,
    },
  },
  getEvents: {
    answer: {
      swarmId,
      events: [
        {
          type: 'swarm_event',
          swarmId,
          eventType: 'task.assigned',
          seq: 12,
          epoch: 1_769_596_200_000,
          data: {
            taskId: 'task_001',
            agentId: 'agent_001',
            attempt: 1,
            agentType: 'architect',
            name: 'architect-1',
          },
          timestamp,
        },
      ],
      count: 1,
      next: 12,
      more: false,
    },
  },
  getHealth: {
    answer: {
      status: 'healthy',
      service: 'claude-flow-headless-api',
      version: '0.1.0',
      timestamp,
      uptime: 3_600,
      environment: 'production',
    },
  },
  getSystemStats: {
    answer: {
      system: {
        nodeVersion: 'v24.21.0',
        platform: 'linux',
        architecture: 'x64',
        uptime: 86_400,
        memory: { rss: 134_217_728, heapTotal: 67_108_864, heapUsed: 33_554_432 },
      },
      server: { activeSwarms: 5, connectedClients: 12 },
    },
  },
  getLiveness: { answer: { status: 'ok' } },
  getReadiness: { answer: { ready: true } },
  createWsTicket: {
    answer: { ticket: 'the_ticket_that_opens_one_websocket', expiresIn: 30, timestamp },
  },
};
