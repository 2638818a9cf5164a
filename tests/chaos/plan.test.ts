import { FAULT_KINDS, planFaults } from './plan.ts';

test('the same seed gives the same plan, and another seed gives another plan', () => {
  expect(planFaults(5_000, 7)).toEqual(planFaults(5_000, 7));
  expect(planFaults(5_000, 7)).not.toEqual(planFaults(5_000, 8));
});

test.each([100, 5_000])(
  'a plan for %i responses has every kind of fault, in order, and all before the run ends',
  (responses) => {
    const faults = planFaults(responses, 1);

    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(Object.keys(FAULT_KINDS)));
    expect(faults.map(({ after }) => after)).toEqual(faults.map(({ after }) => after).toSorted((a, b) => a - b));
    expect(faults.at(-1)?.after).toBeLessThan(responses);
  },
);
