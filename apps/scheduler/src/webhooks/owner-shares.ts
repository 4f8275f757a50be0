/** How many deliveries of each owner are under way in this process. */
export interface OwnerShares {
  /**
   * Does something for an owner, unless as much is under way for that owner as may be.
   * @returns whether it was done
   */
  within(owner: string, work: () => Promise<void>): Promise<boolean>;
}

/** @param most side by side for one owner: others' receivers never wait for theirs, however long those take to answer */
export function createOwnerShares(most: number): OwnerShares {
  const underWay = new Map<string, number>();
  return {
    async within(owner, work) {
      const before = underWay.get(owner) ?? 0;
      if (before >= most) return false;
      underWay.set(owner, before + 1);
      try {
        await work();
        return true;
      } finally {
        const left = (underWay.get(owner) ?? 1) - 1;
        if (left === 0) underWay.delete(owner);
        else underWay.set(owner, left);
      }
    },
  };
}
