import { statSync } from 'node:fs';
import { Server as HttpsServer } from 'node:https';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { ServerConfig } from '../../config/config.ts';
import type { ApiServer } from './api-server.ts';
import { certificateEnd, checkPair, readPem } from './certificate.ts';

/** How often the files are looked at. A renewed certificate has days to be taken up. */
const LOOK_EVERY_MS = 5_000;

export interface CertificateReload {
  /** Reads the files anew. A pair that cannot be used is logged and the present one kept. @returns whether it is in use */
  now(): boolean;
  close(): void;
}

/** Takes up a renewed certificate without a restart; connections that are open keep the old one. */
export function reloadCertificate(
  server: ApiServer,
  tls: NonNullable<ServerConfig['tls']>,
  log: Logger,
): CertificateReload {
  const stamp = () => [tls.certFile, tls.keyFile].map((file) => statSync(file).mtimeMs).join();
  let seen = stamp();

  function reload(): boolean {
    try {
      const pair = { cert: readPem(tls.certFile), key: readPem(tls.keyFile) };
      const unusable = checkPair(pair);
      if (unusable !== undefined) throw new Error(unusable);
      if (server instanceof HttpsServer) server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      const until = new Date(certificateEnd(pair.cert)).toISOString();
      log.info({ event: 'tls.reloaded', until }, `The certificate was read anew; it is good until ${until}`);
      return true;
    } catch (error) {
      log.error(
        { event: 'tls.reload_failed', err: error },
        'The new certificate cannot be used; the old one stays',
      );
      return false;
    }
  }

  const timer = setInterval(() => {
    try {
      const present = stamp();
      if (present === seen) return;
      seen = present;
    } catch {
      // In the middle of being replaced: the next look finds it.
      return;
    }
    reload();
  }, LOOK_EVERY_MS);
  timer.unref();
  return { now: reload, close: () => clearInterval(timer) };
}
