import { loadApiConfig } from '@claude-flow/api/config/config';
import { apiEnvFields } from '@claude-flow/api/config/env-fields';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { loadConfig } from '@claude-flow/core/runtime/config';
import { loadSchedulerConfig, schedulerEnvFields } from '@claude-flow/scheduler/config';
import { loadWorkerConfig, workerEnvFields } from '@claude-flow/worker/config';
import { z } from 'zod';
import { completeConfig, type HeadlessConfig } from './config.ts';
import { givenKeys, processVariables, type Variables } from './process-env.ts';

const MIN_MEMORY_THRESHOLD = 100 * 1024 * 1024;
const MAX_AGENTS_PER_SWARM = 100;

/**
 * Lists everything that is wrong with a configuration, in sentences; empty when a system can start with it.
 * @example
 * for (const fault of validateConfig(createDefaultConfig())) console.error(fault);
 */
export function validateConfig(config: HeadlessConfig): string[] {
  const { port } = completeConfig(config).api;
  const badPort = Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : [PORT];
  return [...new Set([...badPort, ...configFaults(config, process.env)])];
}

const PORT = 'Port must be between 1 and 65535';

/** The same, but for the port: a started system may take any free one (0). */
export function configFaults(given: HeadlessConfig, env: Variables): string[] {
  const config = completeConfig(given);
  const { api, bridge, coordinator } = config;
  const faults: string[] = [];
  const check = (fine: boolean, sentence: string) => {
    if (!fine) faults.push(sentence);
  };
  check(
    !!env['ANTHROPIC_API_KEY'] || !!env['ANTHROPIC_AUTH_TOKEN'] || !!env['ANTHROPIC_BASE_URL'],
    'ANTHROPIC_API_KEY is required',
  );
  check(coordinator.memoryThreshold >= MIN_MEMORY_THRESHOLD, 'Memory threshold too low (minimum 100MB)');
  check(
    coordinator.maxAgentsPerSwarm <= MAX_AGENTS_PER_SWARM,
    `Too many agents per swarm (maximum ${MAX_AGENTS_PER_SWARM})`,
  );
  check(
    isCount(coordinator.maxAgentsPerSwarm),
    'coordinator.maxAgentsPerSwarm must be a whole number from 1.',
  );
  check(isCount(coordinator.maxSwarms), 'coordinator.maxSwarms must be a whole number from 1.');
  check(
    coordinator.cpuThreshold > 0 && coordinator.cpuThreshold <= 1,
    'coordinator.cpuThreshold must be above 0 and at most 1.',
  );
  check(isCount(bridge.asyncTimeout), 'bridge.asyncTimeout must be a number of milliseconds above 0.');
  check(isCount(bridge.retryDelay + 1), 'bridge.retryDelay must be a number of milliseconds.');
  check(
    bridge.runtime === 'node',
    `bridge.runtime "${bridge.runtime}" is not possible: the engine needs Node (worker threads, TCP). Use "node".`,
  );
  check(
    ['combined', 'dev'].includes(api.logging.format),
    `api.logging.format "${api.logging.format}" is unknown. Use "combined" or "dev".`,
  );
  const { enabled, apiKeys = [] } = api.authentication;
  const missing = apiKeys.length - givenKeys(config).length;
  check(
    !enabled || missing === 0,
    `api.authentication.apiKeys: ${missing} of ${apiKeys.length} keys are not set. Set the variables they come from.`,
  );
  return [...new Set([...faults, ...processFaults(processVariables(config, env)), ...variableFaults(env)])];
}

const isCount = (value: number) => Number.isInteger(value) && value >= 1;

/** All that any part of the system reads, as far as one variable alone can be wrong. */
const everyVariable = z.object({ ...workerEnvFields, ...schedulerEnvFields, ...apiEnvFields });

/** What the environment itself says wrongly, also where the configuration says otherwise: every entry refuses the same. */
function variableFaults(env: Variables): string[] {
  return faultsOf(() => loadConfig(everyVariable, env));
}

/** What API, scheduler and worker would refuse at boot. */
function processFaults(variables: Variables): string[] {
  return [loadApiConfig, loadSchedulerConfig, loadWorkerConfig].flatMap((load) =>
    faultsOf(() => load(variables)),
  );
}

function faultsOf(load: () => unknown): string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof ClaudeFlowError)) throw new Error(errorMessage(error), { cause: error });
    return (
      error.details
        // Said in the document's own words above.
        .filter(({ field }) => field !== 'ANTHROPIC_API_KEY')
        .map(({ field, message }) => (message.includes(field) ? message : `${field}: ${message}`))
    );
  }
}
