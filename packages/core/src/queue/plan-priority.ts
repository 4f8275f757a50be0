import { PRIORITY_LIMIT } from 'bullmq';
import { PLAN_TAGS_FORGOTTEN_MS, PLAN_TAGS_KEPT_MS } from '../runtime/tunables.ts';
import type { Queues } from './queues.ts';

/** The place in the plan queue of an owner's next request, as BullMQ's priority. @param owner a tag, `Keys.ownerTag` */
export async function fairPlanPriority({ scripts }: Pick<Queues, 'scripts'>, owner: string): Promise<number> {
  const [tag] = await scripts.run('tag-plan', {
    owner,
    most: PRIORITY_LIMIT,
    forgetMs: PLAN_TAGS_FORGOTTEN_MS,
    keepMs: PLAN_TAGS_KEPT_MS,
  });
  return Number(tag);
}
