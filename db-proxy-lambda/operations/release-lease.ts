import type { Perform } from './operation.ts';

export const releaseLease: Perform<'releaseLease'> = async ({ db }, { name, holder }) => {
  await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
  return {};
};
