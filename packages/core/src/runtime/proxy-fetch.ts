import { ProxyAgent, fetch as undiciFetch } from 'undici';
import { type ProxySettings, proxyFor } from './network-env.ts';

/**
 * `fetch` by way of the proxies that the environment names, as far as they are for the address. Node's own knows them only
 * when it was started so.
 */
export function proxyFetch(settings: ProxySettings | undefined): typeof fetch {
  if (settings === undefined) return fetch;
  const agents = new Map<string, ProxyAgent>();
  const agentOf = (proxy: string) => {
    const agent = agents.get(proxy) ?? new ProxyAgent(proxy);
    agents.set(proxy, agent);
    return agent;
  };
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const proxy = proxyFor(url, settings);
    if (proxy === undefined) return fetch(input, init);
    // The same interface, declared by two libraries.
    const through = undiciFetch as unknown as (input: unknown, init: unknown) => Promise<Response>;
    return through(url, { ...init, dispatcher: agentOf(proxy) });
  };
}
