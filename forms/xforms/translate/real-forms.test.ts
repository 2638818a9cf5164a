/** Translates the real forms of shared/data, whose expectations are in index.csv. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileForm } from '../../compiled/compiled-form.ts';
import { parseFormDefinition } from '../../definition/read-form.ts';
import { instanceOf, type InstanceNode } from '../instance.ts';
import { readXform, type XformNode } from './xform-parts.ts';
import { translateXform, type TranslationResult } from './translate.ts';

const FOLDER = path.resolve(process.cwd(), '../shared/data/xforms');

/** The files of index.csv, with what is expected of each. */
function expectations(): [file: string, expectation: string, why: string][] {
  const lines = readFileSync(path.join(FOLDER, 'index.csv'), 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => {
    const [, expectation = '', why = ''] = /,(accept|refuse|either),(.*)$/.exec(line) ?? [];
    return [line.split(',')[0] ?? '', expectation, why];
  });
}

/** The outcomes that each expectation allows: whether the form is accepted. */
const OUTCOMES = new Map([
  ['accept', [true]],
  ['refuse', [false]],
  ['either', [true, false]],
]);

const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

const translations = new Map<string, TranslationResult>();

/** Translates a form, once for all tests. */
function translate(file: string): TranslationResult {
  const known = translations.get(file) ?? translateXform(read(file), { form_id: 'form' });
  translations.set(file, known);
  return known;
}

function accepted(file: string) {
  const result = translate(file);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result;
}

/** The paths of the leaves of an instance, without the root. */
function leavesOf(nodes: readonly (InstanceNode | XformNode)[], around = ''): string[] {
  return nodes.flatMap((node) => {
    const at = `${around}/${'node' in node ? node.node : node.name}`;
    const inside = 'nodes' in node ? node.nodes : [];
    return inside.length === 0 ? [at] : leavesOf(inside, at);
  });
}

const OF_SUBMISSION = new Set(['/meta/instanceID', '/meta/deprecatedID']);

// Jest refuses a suite without tests.
test('the real forms are read from shared/data, where it is present', () => {
  expect(!existsSync(FOLDER) || expectations().length > 70).toBe(true);
});

if (existsSync(FOLDER)) {
  describe('a real form', () => {
    test.each(expectations())('%s: %s %s', (file, expectation) => {
      const result = translate(file);

      expect(OUTCOMES.get(expectation)).toContain(result.ok);
      const faults = result.ok ? [] : result.faults;
      expect(faults.filter(({ pointer, detail }) => pointer === '' || detail === '')).toEqual([]);
    });

    test.each(expectations().filter(([, expectation]) => expectation === 'accept'))(
      '%s becomes a definition with a question for every node, which compiles and is stored in under a megabyte',
      (file) => {
        const { definition, form, report } = accepted(file);
        const xform = readXform(read(file));
        const nodes = xform.ok ? leavesOf(xform.xform.root.nodes).filter((leaf) => !OF_SUBMISSION.has(leaf)) : [];

        expect(leavesOf(instanceOf(form, 1).nodes).toSorted()).toEqual(nodes.toSorted());
        expect(parseFormDefinition(JSON.parse(JSON.stringify(definition)))).toEqual({ ok: true, form });
        expect(JSON.stringify(form).length).toBeLessThan(1_000_000);
        expect(() => compileForm(form, 1)).not.toThrow();
        const whys = report.questions.flatMap(({ checks }) => checks.filter(({ where }) => where === 'phone'));
        expect(whys.filter(({ why = '' }) => !/^[A-Z].*\.$/s.test(why))).toEqual([]);
      },
    );

    test('of 1.5 MB is translated in under two seconds', () => {
      const xml = read('whova_form.xml');
      const start = performance.now();
      translateXform(xml, { form_id: 'form' });
      expect(performance.now() - start).toBeLessThan(2000);
    });

    test('is mostly checked by the server', () => {
      const counts = { server: 0, phone: 0 };
      for (const [file, expectation] of expectations()) {
        if (expectation !== 'accept') continue;
        for (const { checks } of accepted(file).report.questions) {
          for (const { what, where } of checks) if (what !== 'type') counts[where] += 1;
        }
      }

      expect(counts.server).toBeGreaterThan(8 * counts.phone);
    });

    test.each([
      ['video-capture.xml', 'It asks for a video.'],
      ['all-widgets.xml', 'It asks for a sound.'],
      ['one-question-entity-registration.xml', 'makes no entity'],
    ])('%s is accepted with a warning: %s', (file, warning) => {
      expect(accepted(file).report.warnings.map(({ detail }) => detail)).toContainEqual(
        expect.stringContaining(warning),
      );
    });
  });
}
