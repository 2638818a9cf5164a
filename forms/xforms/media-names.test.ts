import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mediaNames } from './media-names.ts';
import { parseXml } from './xml.ts';

const LIMITS = { maxDepth: 100, maxBytes: 4_000_000 };
const FORMS = path.resolve('../shared/data/xforms');

const namesIn = (xml: string): string[] => mediaNames(parseXml(xml, LIMITS));

test('pictures, sounds and lists are named once each, in alphabetical order', () => {
  const xml = `<h>
    <value form="image">jr://images/well.png</value><value form="image"> jr://images/well.png </value>
    <value form="audio">jr://audio/Größe 1.mp3</value><value form="video">jr://video/a.mp4</value>
    <instance id="x" src="jr://file/x.xml"/><instance id="y" src="jr://file-csv/y.csv"/>
  </h>`;

  expect(namesIn(xml)).toEqual(['Größe 1.mp3', 'a.mp4', 'well.png', 'x.xml', 'y.csv']);
});

test('lists that formulas read are CSV files', () => {
  const xml = `<h>
    <bind calculate="concat(pulldata('people', 'name', 'id', /a/b), pulldata( &quot;farms.csv&quot;, 'a', 'b', 'c'))"/>
    <select1 appearance="minimal search('fruits')"/><input query="instance('cities')/root/item[a=1]"/>
  </h>`;

  expect(namesIn(xml)).toEqual(['farms.csv', 'fruits.csv', 'itemsets.csv', 'people.csv']);
});

test('instances that the phone itself has, and names that a formula computes, are left out', () => {
  const xml = `<h><instance src="jr://instance/last-saved"/><bind calculate="pulldata(/a/list, 'a', 'b', 'c')"/>
    <value>See jr://images/not-a-reference.png</value></h>`;

  expect(namesIn(xml)).toEqual([]);
});

(existsSync(FORMS) ? describe : describe.skip)('real forms (need ../shared)', () => {
  test('name the files that they need', () => {
    for (const form of readdirSync(path.join(FORMS, 'media'))) {
      const names = namesIn(readFileSync(path.join(FORMS, `${form}.xml`), 'utf8'));
      expect([form, names]).toEqual([form, expect.arrayContaining(readdirSync(path.join(FORMS, 'media', form)))]);
    }
  });
});
