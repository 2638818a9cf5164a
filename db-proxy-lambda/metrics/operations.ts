import type { CountryMetrics } from '../contract.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { aggregateCountry } from './aggregate-queries.ts';
import type { metricOperations } from './contract.ts';
import { advanceSeries, findSeries, saveAreas, saveValues, touchSeries } from './queries.ts';

export const metricHandlers: OperationHandlers<typeof metricOperations> = {
  /** Saving the same rows again changes only `as_of`, so ETags stay the same. */
  saveAreaMetrics: (database, input) =>
    inTransaction(database, async (trx) => {
      const owner = { iso3: input.iso3, sample: input.sample ? 1 : 0 } as const;
      const now = new Date().toISOString();
      const indicators = [...new Set(input.values.map((each) => each.indicator))];
      await touchSeries(trx, database, owner, { country: input.country, indicators, now });
      const areasChanged = await saveAreas(trx, database, owner, input.areas);
      const changed = await saveValues(trx, database, owner, input.values);
      // A changed name or population affects every indicator of the country.
      const affected = areasChanged ? 'all' : [...new Set(changed.map((each) => each.indicator))];
      if (affected.length > 0) await advanceSeries(trx, owner, { indicators: affected, now });
      return { changed: changed.length, unchanged: input.values.length - changed.length };
    }),

  listMetricSeries: async ({ db }) => ({ series: await findSeries(db) }),

  readMetrics: async ({ db }, { countries, ...period }) => {
    const read: CountryMetrics[] = [];
    for (const iso3 of new Set(countries)) read.push(await aggregateCountry(db, { ...period, iso3 }));
    return { countries: read };
  },
};
