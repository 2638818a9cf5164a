/** A form about wells with one rule, and answers that pass it. */

/** @param photos the number of optional questions `photo_1`, `photo_2`, ... */
export function wellsForm(photos = 0) {
  return {
    form_id: 'wells',
    title: 'Wells',
    questions: [
      { name: 'village', type: 'text' },
      { name: 'depth', type: 'decimal', places: 2 },
      { name: 'liters', type: 'integer' },
      ...Array.from({ length: photos }, (_, index) => ({ name: `photo_${index + 1}`, type: 'image', required: false })),
      { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] },
    ],
    rules: [
      {
        name: 'Deep',
        message: 'The well is {depth} m deep. Is that right?',
        conditions: { fact: 'depth', operator: 'lessThanInclusive', value: 100 },
      },
    ],
  };
}

export const WELL_ANSWERS = {
  '/data/village': 'Zoé’s <well> & 水',
  '/data/depth': 12.5,
  '/data/liters': 15_000_000,
  '/data/people/age': [30, 5],
};
