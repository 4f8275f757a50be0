/** What is counted apart. */
export type BudgetKind = 'read' | 'write' | 'creation' | 'failed-auth';
