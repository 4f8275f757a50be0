import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface CertificateFiles {
  certFile: string;
  keyFile: string;
  /** The certificate now in the file: a client that trusts it trusts the server. */
  readonly cert: string;
  /** Writes a new pair into the same files. */
  renew(): Promise<void>;
}

/** A certificate for localhost and 127.0.0.1, signed by itself. */
export async function writeCertificate(folder: string, name = 'tls'): Promise<CertificateFiles> {
  const certFile = join(folder, `${name}.crt`);
  const keyFile = join(folder, `${name}.key`);
  let cert = '';
  const renew = async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
    cert = made.cert;
    await writeFile(certFile, made.cert);
    await writeFile(keyFile, made.private, { mode: 0o600 });
  };
  await renew();
  return {
    certFile,
    keyFile,
    get cert() {
      return cert;
    },
    renew,
  };
}
