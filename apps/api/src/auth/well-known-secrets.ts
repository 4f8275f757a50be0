/** What examples, templates and tutorials use for a key or a secret, in lower case: everybody knows these. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'a-string-secret-at-least-256-bits-long',
  'admin',
  'admin-key',
  'api-key',
  'apikey',
  'claude-flow',
  'correct horse battery staple',
  'dev-key',
  'dev-secret',
  'development',
  'hunter2',
  'jwt-secret',
  'jwt_secret',
  'keyboard cat',
  'letmein',
  'local-dev-key',
  'my-key',
  'my-secret-key',
  'password',
  'password1',
  'qwerty',
  'qwertyuiop',
  'secret',
  'secret-key',
  'supersecret',
  'super-secret',
  'super-secret-key',
  'test',
  'test-key',
  'test-secret',
  'thisisasecret',
  'token',
  'topsecret',
]);
/** Words that stand in the place of a secret. */
const PLACEHOLDER =
  /your[-_ ]|change[-_ ]?(me|this|it)|example|placeholder|replace[-_ ]?me|default|^(my[-_ ]?)?secret/i;
/** A random secret of the least length has far more different characters. */
const MIN_DIFFERENT_CHARACTERS = 8;

/** Is this a secret that somebody would try first? */
export function isWellKnownSecret(secret: string): boolean {
  const plain = secret.trim().toLowerCase();
  // Repeated or numbered to get the length that is asked for.
  const stem = plain.replace(/[-_ ]?\d*$/, '');
  return (
    WELL_KNOWN.has(plain) ||
    WELL_KNOWN.has(stem) ||
    PLACEHOLDER.test(secret) ||
    new Set(secret).size < MIN_DIFFERENT_CHARACTERS
  );
}
