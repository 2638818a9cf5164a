import { drawChart, type ChartContent } from './chart.ts';
import type { NationalFigures } from './figures.ts';

const figures: NationalFigures = { people: 1_234_567, prevalence: 0.25, variance: 0.01 };

function content(changes: Partial<ChartContent> = {}): ChartContent {
  return {
    country: 'Colombia',
    indicator: 'fcs',
    from: '2022-06-01',
    to: '2022-06-30',
    sample: false,
    days: Array.from({ length: 30 }, (_, index) => [`2022-06-${String(index + 1).padStart(2, '0')}`, figures] as const),
    ...changes,
  };
}

/** The number of separate pieces of the path with this class. */
function pieces(svg: string, name: string): number {
  const path = new RegExp(`<path class="${name}" d="([^"]*)"`).exec(svg)?.[1] ?? '';
  return path.split('M').length - 1;
}

describe('the chart', () => {
  test('has a title and a description for screen readers', () => {
    const svg = drawChart(content());

    expect(svg).toContain('<title>Colombia: people with insufficient food consumption</title>');
    expect(svg).toContain('from 1 June 2022 (25.0 % of the population) to 30 June 2022 (25.0 %, 1.2 m people)');
  });

  test('draws the line and the band in one piece if no day is missing', () => {
    const svg = drawChart(content());

    expect([pieces(svg, 'line'), pieces(svg, 'band')]).toEqual([1, 1]);
  });

  test('leaves a gap where days are missing or have no figure', () => {
    const days = content().days.flatMap((each, index) => {
      if (index === 10) return [];
      return [index === 20 ? ([each[0], { ...figures, prevalence: null }] as const) : each];
    });

    const svg = drawChart(content({ days }));

    expect([pieces(svg, 'line'), pieces(svg, 'band')]).toEqual([3, 3]);
  });

  test('keeps the band between 0 and 100 %', () => {
    const svg = drawChart(content({ days: [['2022-06-01', { people: 1, prevalence: 0.9, variance: 0.25 }]] }));

    expect(svg).toContain('>100 %<');
    expect(svg).not.toContain('>120 %<');
  });

  test('is well formed with any name of a country, and contains no script', () => {
    const svg = drawChart(content({ country: '<script>alert("1")</script> & co' }));

    expect(svg).toContain('&lt;script&gt;alert("1")&lt;/script&gt; &amp; co');
    expect(svg).not.toMatch(/<script|NaN|undefined|Infinity/);
  });

  test('marks a sample in the picture and in the description', () => {
    const svg = drawChart(content({ sample: true }));

    expect(svg).toContain('SAMPLE, not real data');
    expect(svg).toContain('These are generated sample figures.');
    expect(drawChart(content())).not.toMatch(/sample/i);
  });

  test('says if there are no figures, and draws a single day', () => {
    const [first] = content().days;

    expect(drawChart(content({ days: [] }))).toContain('No figures from 1 June 2022 to 30 June 2022.');
    expect(drawChart(content({ days: first === undefined ? [] : [first] }))).toContain('<circle class="last-point"');
  });
});
