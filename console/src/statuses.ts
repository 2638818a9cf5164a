/** The statuses of a response: each has a word and a sign, so that nothing depends on colour alone. */
export const STATUSES = {
  accepted: { word: 'Accepted', sign: '✓' },
  flagged: { word: 'Flagged', sign: '⚑' },
  returned: { word: 'Returned', sign: '↩' },
  approved: { word: 'Approved', sign: '✓✓' },
  rejected: { word: 'Rejected', sign: '✕' },
  erased: { word: 'Erased', sign: '∅' },
} as const;

export type Status = keyof typeof STATUSES;

/** Statuses on which a person must act. */
export const OPEN: readonly Status[] = ['flagged', 'returned'];
