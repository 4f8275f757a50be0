import type { ModelSpec } from '../models/catalogue.ts';
import type { CacheControl } from '../validation/schema.ts';
import type { Prefix } from './prefix.ts';

const TTL_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const;

/** How many blocks before a marker are searched for an earlier entry. */
const LOOK_BACK = 20;

/** Entries kept over all tenants: bounds memory on long runs. */
const MAX_ENTRIES = 50_000;

export type InputUsage = {
  /** Tokens neither read from nor written to the cache. */
  uncached: number;
  read: number;
  written5m: number;
  written1h: number;
};

export type PromptCache = {
  /** Reads and writes the cache for one accepted request. `now` in ms. */
  account: (
    tenant: string,
    model: ModelSpec,
    prefix: Prefix,
    automatic: CacheControl,
    now: number,
  ) => InputUsage;
  clear: () => void;
};

type Marker = { at: number; ttl: keyof typeof TTL_MS };

const markersOf = (prefix: Prefix, automatic: CacheControl): Marker[] => {
  const last = prefix.blocks.length - 1;
  return prefix.blocks.flatMap((block, at) => {
    const control = block.cacheControl ?? (at === last ? automatic : undefined);
    return control == null ? [] : [{ at, ttl: control.ttl ?? '5m' }];
  });
};

/** An in-memory prompt cache: entries at markers only, per tenant and model, refreshed when read. */
export const createPromptCache = (): PromptCache => {
  const entries = new Map<string, { expiresAt: number; ttl: keyof typeof TTL_MS }>();

  const store = (key: string, ttl: keyof typeof TTL_MS, now: number): void => {
    entries.delete(key);
    entries.set(key, { expiresAt: now + TTL_MS[ttl], ttl });
    if (entries.size <= MAX_ENTRIES) return;
    const oldest = entries.keys().next();
    if (!oldest.done) entries.delete(oldest.value);
  };

  return {
    clear: () => entries.clear(),
    account: (tenant, model, prefix, automatic, now) => {
      const keyAt = (at: number): string =>
        `${tenant}\u0000${model.id}\u0000${prefix.blocks[at]?.hash ?? ''}`;
      const sums: number[] = [];
      let sum = 0;
      for (const block of prefix.blocks) {
        sum += block.tokens;
        sums.push(sum);
      }
      const tokensTo = (at: number): number => (at < 0 ? 0 : (sums[at] ?? 0));

      const markers = markersOf(prefix, automatic).filter(({ at }) => tokensTo(at) >= model.minCacheTokens);
      let hit = -1;
      for (const marker of markers) {
        for (let at = marker.at; at > Math.max(hit, marker.at - LOOK_BACK, -1); at -= 1) {
          const entry = entries.get(keyAt(at));
          if (entry === undefined || entry.expiresAt <= now) continue;
          store(keyAt(at), entry.ttl, now);
          hit = at;
          break;
        }
      }
      const written = { '5m': 0, '1h': 0 };
      let from = hit;
      for (const marker of markers) {
        if (marker.at <= from) continue;
        written[marker.ttl] += tokensTo(marker.at) - tokensTo(from);
        store(keyAt(marker.at), marker.ttl, now);
        from = marker.at;
      }
      const read = tokensTo(hit);
      return {
        read,
        written5m: written['5m'],
        written1h: written['1h'],
        uncached: prefix.totalTokens - read - written['5m'] - written['1h'],
      };
    },
  };
};
