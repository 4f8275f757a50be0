const IMAGE = 'redis:7.4-alpine';
const PORT = 6379;

/** Redis in a container. Rejects when no container engine answers. */
export async function startRedisContainer(options: {
  durable: boolean;
  extraArgs: string[];
}): Promise<{ url: string; stop(): Promise<void> }> {
  // Loaded only here: it takes longer to load than a Redis to start.
  const { GenericContainer } = await import('testcontainers');
  const appendOnly = options.durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const container = await new GenericContainer(IMAGE)
    .withCommand([
      'redis-server',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      ...appendOnly,
      ...options.extraArgs,
    ])
    .withExposedPorts(PORT)
    .start();
  return {
    url: `redis://${container.getHost()}:${container.getMappedPort(PORT)}`,
    async stop() {
      await container.stop();
    },
  };
}

/** Whether a container engine answers on this machine. */
export async function hasContainerEngine(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}
