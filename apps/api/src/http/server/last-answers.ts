import type { ServerResponse } from 'node:http';
import type { ApiServer } from './api-server.ts';

/**
 * Prepares a server for its end.
 * @returns from its call on, each answer says `Connection: close`, those to requests under way too: clients that keep connections
 * open make their next one elsewhere, instead of sending into one that is about to be closed
 */
export function closeAfterAnswers(server: ApiServer): () => void {
  const underWay = new Set<ServerResponse>();
  let closing = false;
  // Before the listener that answers.
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (closing) response.shouldKeepAlive = false;
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  return () => {
    closing = true;
    for (const response of underWay) response.shouldKeepAlive = false;
  };
}
