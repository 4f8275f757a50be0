import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** A certificate (with its chain) and its key, both PEM. */
export interface CertificatePair {
  cert: string;
  key: string;
}

export function readPem(file: string): string {
  return readFileSync(file, 'utf8');
}

/** @returns why no server could use it, or undefined */
export function checkPair(pair: CertificatePair): string | undefined {
  try {
    createSecureContext(pair);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** When the certificate ends, milliseconds since 1970. */
export function certificateEnd(cert: string): number {
  return new X509Certificate(cert).validToDate.getTime();
}
