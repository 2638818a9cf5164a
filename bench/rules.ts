/** Compares the rule engine, which uses exact decimals, with a hand-written predicate for one form. Uses one core. */
import { Big } from 'big.js';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { compileRules } from '../forms/compiled/rules.ts';
import { EXPENDITURE, generateHouseholds, INCOME, ITEMS, SAVINGS, type Household } from '../demo/households.ts';
import { best, printTable } from './report.ts';

const HOUSEHOLDS = 20_000;

/** Rule1 and Rule2 without an engine. @returns the number of flagged responses */
function checkByHand(households: readonly Household[]): number {
  let flagged = 0;
  for (const household of households) {
    const expenditure = new Big(household[EXPENDITURE] ?? 0);
    const savings = new Big(household[SAVINGS] ?? 0);
    const items = ITEMS.reduce((sum, key) => sum.plus(household[key] ?? 0), new Big(0));
    const left = new Big(household[INCOME] ?? 0).minus(expenditure);
    if (expenditure.lt(items) || left.lt(savings) || savings.lt(0)) flagged += 1;
  }
  return flagged;
}

export async function benchRules(): Promise<void> {
  const households = [...generateHouseholds(HOUSEHOLDS, 1)];
  const rules = compileRules(householdFinances);
  let flagged = 0;
  const engine = await best(3, async () => {
    flagged = 0;
    for (const household of households) if ((await rules.check(household)).length > 0) flagged += 1;
  });
  let flaggedByHand = 0;
  const hand = await best(3, () => {
    flaggedByHand = checkByHand(households);
    return Promise.resolve();
  });
  if (flagged !== flaggedByHand) throw new Error(`The engine flags ${flagged}, the predicate ${flaggedByHand}.`);
  printTable('Rules: checks a second on one core', [
    { what: 'json-rules-engine', 'checks/s': Math.round(HOUSEHOLDS / engine), ratio: (hand / engine).toFixed(2) },
    { what: 'by hand', 'checks/s': Math.round(HOUSEHOLDS / hand), ratio: '1.00' },
  ]);
}
