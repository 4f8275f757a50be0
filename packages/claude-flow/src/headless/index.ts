export type * from '../client/index.ts';
/** The document's name for it. */
export {
  type ApiKeyData,
  ApiKeyManager,
  ApiKeyManager as SecureAuthManager,
  type ApiKeyManagerOptions,
  type KeyCheck,
} from './auth/api-key-manager.ts';
export { ExecutionBridge, type RuntimeEnvironment } from './bridge.ts';
export {
  type ApiServerConfig,
  type CoordinatorConfig,
  createDefaultConfig,
  createEnvironmentConfig,
  type EnvironmentConfig,
  type ExecutionConfig,
  type HeadlessConfig,
  type PartialConfig,
} from './config.ts';
export { HeadlessCoordinator } from './coordinator.ts';
export { type Metric, MetricsCollector } from './metrics/metrics-collector.ts';
export type { OwnRoutes, RouteHandler, RouteRequest, RouteResponse } from './own-routes.ts';
export { type Plugin, type PluginHook, type PluginHost, PluginManager } from './plugins.ts';
export type { ResourceAlert } from './resources.ts';
export { CustomStrategyManager, type StrategyFunction } from './strategies/custom-strategy-manager.ts';
export { type ApiServer, HeadlessSystem, type SystemOptions } from './system.ts';
export { validateConfig } from './validate-config.ts';
export type { AgentWish, SwarmMade, SwarmWish, TaskOutcome, TaskWish } from './wishes.ts';
