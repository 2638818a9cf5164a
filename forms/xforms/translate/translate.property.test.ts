/**
 * Compares translated conditions with an evaluator that shares no code with them, on random expressions and answers.
 * tests/odk/translated-forms.test.ts compares the evaluator with JavaRosa.
 */
import * as fc from 'fast-check';
import { metadata } from '../../../tests/support/responses.ts';
import { compileForm } from '../../compiled/compiled-form.ts';
import { ages, answers, condition, randomXform } from '../../../tests/support/random-xpath.ts';
import { runs } from '../../../tests/support/thorough.ts';
import { translateXform } from './translate.ts';
import { escapeXml } from '../xml.ts';

/** Compiles the form with this bind. @returns undefined if only the phone checks it */
function compile(member: 'relevant' | 'required' | 'constraint', expression: string) {
  const result = translateXform(randomXform(`${member}="${escapeXml(expression)}"`), { form_id: 'random' });
  if (!result.ok) throw new Error(`${expression}: ${JSON.stringify(result.faults)}`);
  const asked = result.report.questions.find(({ path }) => path === 'asked');
  const own = asked?.checks.filter(({ what }) => what === member) ?? [];
  // The server may check a part of a constraint.
  const isHere = own.some(({ where }) => where === 'server');
  const isWhole = own.every(({ where }) => where === 'server');
  return isHere ? { ...compileForm(result.form, 1), isWhole } : undefined;
}

const NOW = Date.parse('2026-06-01T00:00:00Z');
const times = runs(400);

describe('a translated condition means what it means on a phone', () => {
  test('in relevant', () => {
    let here = 0;
    fc.assert(
      fc.property(condition, fc.array(answers, { minLength: 5, maxLength: 8 }), ({ text, of }, responses) => {
        const form = compile('relevant', text);
        if (form === undefined) return;
        here += 1;
        for (const response of responses) {
          const { faults } = form.readLeniently({ ...metadata(), ...response, asked: 1 }, NOW);
          expect([text, response, faults.length === 0]).toEqual([text, response, of(response)]);
        }
      }),
      times,
    );
    expect(here).toBeGreaterThan(times.numRuns / 2);
  });

  test('in required', () => {
    let here = 0;
    fc.assert(
      fc.property(condition, fc.array(answers, { minLength: 3, maxLength: 5 }), ({ text, of }, responses) => {
        const form = compile('required', text);
        here += form === undefined ? 0 : 1;
        for (const response of form === undefined ? [] : responses) {
          const faults = form?.readLeniently({ ...metadata(), ...response }, NOW).faults;
          expect([text, response, faults?.length === 0]).toEqual([text, response, !of(response)]);
        }
      }),
      times,
    );
    expect(here).toBeGreaterThan(times.numRuns / 2);
  });

  test('in a constraint: answers that a phone accepts are never flagged; complete answers that it refuses are flagged', async () => {
    let here = 0;
    await fc.assert(
      fc.asyncProperty(
        condition,
        fc.array(answers, { minLength: 3, maxLength: 5 }),
        async ({ text, of }, responses) => {
          const form = compile('constraint', text);
          here += form === undefined ? 0 : 1;
          for (const response of form === undefined ? [] : responses) {
            const read = form?.readLeniently({ ...metadata(), ...response, asked: 1 }, NOW);
            const flags = await form?.rules.check(read?.submission.response ?? {});
            const isComplete =
              form?.isWhole === true && Object.keys(response).length === 8 && ages(response).length > 0;
            const isAccepted = of(response);
            expect([text, response, isAccepted && flags?.length !== 0]).toEqual([text, response, false]);
            expect([text, response, isComplete && !isAccepted && flags?.length === 0]).toEqual([text, response, false]);
          }
        },
      ),
      times,
    );
    expect(here).toBeGreaterThan(times.numRuns / 4);
  });
});
