/** THOROUGH=1, as in `.ci/run`, also runs the tests that take seconds, and property tests with all of their runs. */
const isThorough = process.env['THOROUGH'] === '1';

/** A test that takes seconds because its input is as large as a limit. */
export const longTest = isThorough ? test : test.skip;

/** The number of runs of a property test, in the form that fast-check expects: a fifth unless THOROUGH=1. */
export const runs = (thorough: number) => ({ numRuns: isThorough ? thorough : Math.ceil(thorough / 5) });

/** All of the cases, or every seventh unless THOROUGH=1. */
export const someOf = <Case>(cases: readonly Case[]): Case[] =>
  cases.filter((_, index) => isThorough || index % 7 === 0);
