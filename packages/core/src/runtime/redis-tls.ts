import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { errorMessage } from '../domain/errors.ts';

/** PEM files for `rediss`. They are read when the process starts. */
export interface RedisTlsFiles {
  /** Who signs the server's certificate, instead of the CAs that Node knows. */
  caFile?: string;
  /** Our own certificate and its key, for servers that ask for one. */
  certFile?: string;
  keyFile?: string;
}

export const redisTlsEnv = {
  REDIS_TLS_CA_FILE: z.string().optional(),
  REDIS_TLS_CERT_FILE: z.string().optional(),
  REDIS_TLS_KEY_FILE: z.string().optional(),
};
type TlsVariables = { [Name in keyof typeof redisTlsEnv]?: string | undefined };

/** @returns undefined when none is set */
export function redisTlsOf(env: TlsVariables): RedisTlsFiles | undefined {
  const files = {
    ...(env.REDIS_TLS_CA_FILE === undefined ? {} : { caFile: env.REDIS_TLS_CA_FILE }),
    ...(env.REDIS_TLS_CERT_FILE === undefined ? {} : { certFile: env.REDIS_TLS_CERT_FILE }),
    ...(env.REDIS_TLS_KEY_FILE === undefined ? {} : { keyFile: env.REDIS_TLS_KEY_FILE }),
  };
  return Object.keys(files).length === 0 ? undefined : files;
}

export function readTlsFiles(files: RedisTlsFiles = {}): { ca?: string; cert?: string; key?: string } {
  const { caFile, certFile, keyFile } = files;
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, 'utf8') }),
  };
}

/** What is wrong with these variables, each fault with the variable's name. */
export function redisTlsFaults(env: TlsVariables & { REDIS_URL?: string | undefined }): [string, string][] {
  const files = redisTlsOf(env);
  if (files === undefined) return [];
  const faults: [string, string][] = [];
  if (!/^rediss/i.test(env.REDIS_URL ?? '')) {
    const [name = ''] = Object.keys(redisTlsEnv).filter(
      (each) => env[each as keyof TlsVariables] !== undefined,
    );
    faults.push([name, `${name} is for encrypted connections, and REDIS_URL does not start with rediss://.`]);
  }
  if ((files.certFile === undefined) !== (files.keyFile === undefined)) {
    const name = files.certFile === undefined ? 'REDIS_TLS_CERT_FILE' : 'REDIS_TLS_KEY_FILE';
    faults.push([
      name,
      `${name} is missing: a certificate and its key belong together. Set both, or neither.`,
    ]);
  }
  const named: [string, string | undefined][] = [
    ['REDIS_TLS_CA_FILE', files.caFile],
    ['REDIS_TLS_CERT_FILE', files.certFile],
    ['REDIS_TLS_KEY_FILE', files.keyFile],
  ];
  const unreadable = named.flatMap(([name, file]): [string, string][] => {
    const why = file === undefined ? undefined : whyUnreadable(file);
    return why === undefined ? [] : [[name, `${name}: the file ${file} cannot be read (${why}).`]];
  });
  if (unreadable.length > 0) return [...faults, ...unreadable];
  try {
    createSecureContext(readTlsFiles(files));
  } catch (error) {
    const names = named.flatMap(([name, file]) => (file === undefined ? [] : [name]));
    const why = `${names.join(', ')}: not usable (${errorMessage(error)}). They are PEM files, the key without a password.`;
    faults.push([names[0] ?? '', why]);
  }
  return faults;
}

/** @returns undefined when it can be read */
export function whyUnreadable(file: string): string | undefined {
  try {
    readFileSync(file);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
