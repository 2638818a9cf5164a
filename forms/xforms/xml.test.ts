import * as fc from 'fast-check';
import { attributeOf, elementIn, elementsIn, escapeXml, parseXml, textIn, XmlError } from './xml.ts';

const LIMITS = { maxDepth: 100, maxBytes: 5_000_000 };

const read = (text: string) => parseXml(text, LIMITS);

/** The message of the XmlError with which a document is refused, and the milliseconds until then. */
function refuse(text: string, limits = LIMITS): { message: string; ms: number } {
  const start = performance.now();
  try {
    parseXml(text, limits);
  } catch (error) {
    if (error instanceof XmlError) return { message: error.message, ms: performance.now() - start };
    throw error;
  }
  return { message: 'not refused', ms: 0 };
}

describe('XML becomes a tree', () => {
  test('with namespaces, attributes, and children in their order', () => {
    const root = read(
      '<?xml version="1.0"?><h:a xmlns:h="urn:h" xmlns="urn:d" x="1" h:y="2">\n one <b/>two<!-- no --> &amp; <![CDATA[<3>]]>&#x34;</h:a>',
    );

    expect(root).toMatchObject({ name: 'h:a', local: 'a', uri: 'urn:h', line: 1 });
    expect(root.attributes).toEqual([
      { name: 'x', local: 'x', uri: '', value: '1' },
      { name: 'h:y', local: 'y', uri: 'urn:h', value: '2' },
    ]);
    expect(root.children).toEqual([
      '\n one ',
      { name: 'b', local: 'b', uri: 'urn:d', attributes: [], children: [], line: 2 },
      'two & <3>4',
    ]);
  });

  test('whose elements, attributes and texts are found by their names', () => {
    const root = read('<a xmlns:o="urn:o" o:id="o" id="1"><b>1</b><o:c>2<d>3</d>4</o:c><b>5</b></a>');

    expect(attributeOf(root, 'id')).toBe('1');
    expect(attributeOf(root, 'id', 'urn:o')).toBe('o');
    expect(attributeOf(root, 'id', 'urn:x')).toBeUndefined();
    expect(elementsIn(root).map(({ name }) => name)).toEqual(['b', 'o:c', 'b']);
    expect(elementsIn(root, 'b').map(textIn)).toEqual(['1', '5']);
    expect(elementIn(root, 'd')).toBeUndefined();
    expect(textIn(root)).toBe('12345');
  });

  test('after a byte order mark, a comment or a processing instruction too', () => {
    expect(read('\uFEFF<?xml version="1.0" encoding="UTF-8"?><!-- a --><?b c?><d/><!-- e -->\n').name).toBe('d');
  });
});

describe('XML is refused, with the place and the reason,', () => {
  test.each([
    ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', /^Line 1, column 30: Remove the DOCTYPE/],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /Remove the DOCTYPE/],
    ['an unknown entity', '<a>\n&nbsp;</a>', /^Line 2, .*undefined entity/],
    ['a duplicate attribute', '<a b="1" b="2"/>', /duplicate attribute/],
    ['a duplicate attribute by namespace', '<a xmlns:n="u" xmlns:m="u" n:b="1" m:b="2"/>', /duplicate attribute/],
    ['an unbound prefix', '<x:a/>', /unbound namespace prefix/],
    ['an unquoted attribute', '<a b=1/>', /unquoted attribute/],
    ['a tag that is not closed', '<a><b></a>', /unexpected close tag|unclosed tag/],
    ['a document that ends early', '<a><b>', /unclosed tag/],
    ['an empty document', '', /root element/],
    ['a text', 'name,age', /text data outside of root/],
    ['JSON', '{"a": 1}', /text data outside of root/],
    ['text after the root', '<a/>b', /text data outside of root/],
    ['a second root', '<a/><b/>', /only one root/],
    ['a control character', '<a>\u0001</a>', /disallowed character/],
    ['a bare ampersand', '<a>b & c;</a>', /disallowed character in entity name/],
    ['a bare less-than sign', '<a b="<"/>', /disallowed character/],
    ['an end of CDATA outside', '<a>]]></a>', /disallowed in char data/],
  ])('with %s', (_what, text, message) => {
    expect(refuse(text).message).toMatch(message);
  });

  test('with 5,000 levels, in under a second', () => {
    const { message, ms } = refuse('<a>'.repeat(5_000) + '</a>'.repeat(5_000));

    expect(message).toBe('Line 1, column 303: Nest elements at most 100 deep.');
    expect(ms).toBeLessThan(1000);
    expect(read('<a>'.repeat(100) + '</a>'.repeat(100)).name).toBe('a');
  });

  test('with a bomb of entities, in under a second', () => {
    const entities = Array.from({ length: 20 }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`);
    const { message, ms } = refuse(`<!DOCTYPE a [<!ENTITY e0 "lol">${entities.join('')}]><a>&e20;</a>`);

    expect(message).toMatch(/Remove the DOCTYPE/);
    expect(ms).toBeLessThan(1000);
  });

  test('with more bytes than allowed', () => {
    expect(refuse('<a>é</a>', { maxDepth: 5, maxBytes: 8 }).message).toBe(
      'Line 1, column 0: Send at most 8 bytes of XML; this has 9.',
    );
    expect(parseXml('<a>é</a>', { maxDepth: 5, maxBytes: 9 }).children).toEqual(['é']);
  });

  test('but not for a megabyte of attributes, elements or entities, which takes under two seconds of CPU time', () => {
    const start = process.cpuUsage();
    const attributes = Array.from({ length: 50_000 }, (_, index) => `a${index}="${'x'.repeat(10)}"`);
    read(`<a ${attributes.join(' ')}/>`);
    read(`<a>${'<b/>'.repeat(250_000)}</a>`);
    read(`<a>${'&amp;'.repeat(200_000)}</a>`);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });
});

test('an escaped text is read back equal, as content and as an attribute', () => {
  // Characters that XML 1.0 can hold.
  const text = fc
    .string({ unit: 'binary' })
    .map((each) => each.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/gu, ''));
  fc.assert(
    fc.property(text, (value) => {
      const root = read(`<a b="${escapeXml(value)}" c='${escapeXml(value)}'>${escapeXml(value)}</a>`);
      expect([textIn(root), attributeOf(root, 'b'), attributeOf(root, 'c')]).toEqual([value, value, value]);
    }),
  );
});
