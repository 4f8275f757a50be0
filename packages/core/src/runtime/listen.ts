import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClaudeFlowError } from '../domain/errors.ts';

/**
 * Starts a server and waits until it listens.
 * @param variable the environment variable that sets the port, named in the error
 * @returns the port in use (the one asked for, or the free one found for 0)
 * @throws ClaudeFlowError `port_taken`
 */
export function listen(server: Server, port: number, host: string, variable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, port, host, variable));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string, variable: string): Error {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is already in use (EADDRINUSE). Stop what uses it, or set ${variable} to another port.`;
    return new ClaudeFlowError('port_taken', message, { cause: error });
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
    const message = `Cannot listen on ${host}:${port} (${error.code}). Set ${variable} and HOST to an address this process may use.`;
    return new ClaudeFlowError('port_taken', message, { cause: error });
  }
  return error;
}
