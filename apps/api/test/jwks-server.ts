import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
  /** The public key as PEM text. */
  spki: string;
}

export async function newSigningKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicJwk, spki: await exportSPKI(publicKey) };
}

/** A token of this key; claims may overwrite `exp`. */
export async function signToken(
  key: SigningKey,
  claims: Record<string, unknown>,
  expires: string | undefined = '5m',
): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid });
  if (expires !== 'never') token.setExpirationTime(expires);
  return token.sign(key.privateKey);
}

export interface JwksServer {
  url: string;
  /** What it answers from now on. */
  publish(keys: SigningKey[]): void;
  /** `broken`: answers 500. `silent`: takes the request and never answers. */
  behave(how: 'well' | 'broken' | 'silent'): void;
  /** Questions so far. */
  readonly asked: number;
  /** The keys are at another path, to which the old one leads. */
  redirect(path: string, how: 'here' | 'in circles'): void;
  stop(): Promise<void>;
}

/** An identity provider's key server. */
export async function startJwksServer(first: SigningKey[]): Promise<JwksServer> {
  let keys = first;
  let how = 'well';
  let asked = 0;
  let moved: { path: string; how: 'here' | 'in circles' } | undefined;
  const server = createServer((request, response) => {
    asked += 1;
    if (moved !== undefined && (request.url !== moved.path || moved.how === 'in circles')) {
      response.writeHead(302, { location: moved.path }).end();
      return;
    }
    if (how === 'silent') return;
    response.writeHead(how === 'well' ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    publish(next) {
      keys = next;
    },
    redirect(path, next) {
      moved = { path, how: next };
    },
    behave(next) {
      how = next;
    },
    get asked() {
      return asked;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
