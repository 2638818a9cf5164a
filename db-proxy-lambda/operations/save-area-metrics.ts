import { advanceSeries, ownerOf, saveAreas, saveValues, touchSeries } from '../database/metrics.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** The same rows again change nothing but the time at which the source last gave them, so nor does any ETag. */
export const saveAreaMetrics: Perform<'saveAreaMetrics'> = (database, input) =>
  inTransaction(database, async (trx) => {
    const owner = ownerOf(input);
    const now = new Date().toISOString();
    const indicators = [...new Set(input.values.map((each) => each.indicator))];
    await touchSeries(trx, database, owner, { country: input.country, indicators, now });
    const areasChanged = await saveAreas(trx, database, owner, input.areas);
    const changed = await saveValues(trx, database, owner, input.values);
    // A name or a population shows in every indicator of the country.
    const affected = areasChanged ? 'all' : [...new Set(changed.map((each) => each.indicator))];
    if (affected.length > 0) await advanceSeries(trx, owner, { indicators: affected, now });
    return { changed: changed.length, unchanged: input.values.length - changed.length };
  });
