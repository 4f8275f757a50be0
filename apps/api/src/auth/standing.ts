import type { KeyRing } from './key-ring.ts';
import type { Principal } from './principal.ts';

/** How often it is looked whether those who stay connected still may: with the key ring's cache, within 5 s. */
const LOOK_EVERY_MS = 1_000;

export interface Standing {
  /** Calls `end` once when this caller's key is revoked, or key or token ends. @returns stops watching */
  watch(principal: Principal, end: () => void): () => void;
  close(): void;
}

/** Watches over long-lived connections, which are authenticated only once. */
export function createStanding(deps: { keyRing: KeyRing; now(): number }): Standing {
  const watched = new Set<{ principal: Principal; end: () => void }>();

  const endThose = (gone: (principal: Principal) => boolean) => {
    for (const entry of [...watched]) {
      if (!gone(entry.principal)) continue;
      watched.delete(entry);
      entry.end();
    }
  };
  const deaf = deps.keyRing.onRevoked((keyId) => endThose((principal) => principal.keyId === keyId));

  async function look(): Promise<void> {
    const at = deps.now();
    endThose(({ expiresAt }) => expiresAt !== undefined && at >= expiresAt);
    const keyIds = new Set([...watched].flatMap(({ principal }) => principal.keyId ?? []));
    for (const keyId of keyIds) {
      // While Redis is away nobody is sent away: new connections are refused anyway.
      if (await deps.keyRing.stands(keyId).catch(() => true)) continue;
      endThose((principal) => principal.keyId === keyId);
    }
  }
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, LOOK_EVERY_MS);
  timer.unref();

  return {
    watch(principal, end) {
      if (principal.keyId === undefined && principal.expiresAt === undefined) return () => undefined;
      const entry = { principal, end };
      watched.add(entry);
      return () => watched.delete(entry);
    },
    close() {
      clearInterval(timer);
      deaf();
    },
  };
}
