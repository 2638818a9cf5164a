/** A form with everything that a response can show, and a visit with two flags. */

export const VISITS = {
  title: 'Visits',
  questions: [
    { name: 'village', type: 'text', label: { en: 'Which village?', fr: 'Quel village ?' } },
    {
      name: 'house',
      type: 'group',
      label: 'The house',
      questions: [
        { name: 'rent', type: 'decimal', label: 'Monthly rent' },
        { name: 'rooms', type: 'integer', label: 'Rooms', required: false },
      ],
    },
    {
      name: 'water',
      type: 'select_one',
      label: 'Where does the water come from?',
      options: [
        { name: 'tap', label: 'A tap' },
        { name: 'well', label: 'A well' },
      ],
    },
    { name: 'home', type: 'geopoint', label: 'The place', required: false },
    { name: 'photo', type: 'image', label: 'The front door', required: false },
    {
      name: 'people',
      type: 'repeat',
      label: 'Person',
      questions: [{ name: 'age', type: 'integer', label: 'Age', max: 130 }],
    },
  ],
  rules: [
    {
      name: 'OldEnough',
      message: 'Person {people} is {people/age} years old. Leave out children under 10.',
      conditions: { fact: 'people/age', operator: 'greaterThanInclusive', value: 10 },
    },
    {
      name: 'Rent',
      message: 'The rent is {house/rent}. Is that a month?',
      conditions: { fact: 'house/rent', operator: 'lessThanInclusive', value: 500 },
    },
  ],
};

/** A visit without flags. Set a rent above 500, or an age below 10, for one. */
export function visit(id: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    response_id: id,
    response_family_id: 'family-1',
    user_id: 'collector-1',
    username: 'Amina',
    location: 'Kano',
    submitted_time: '2026-09-01T07:00:00+03:00',
    synced_time: '2026-09-01T07:01:00+03:00',
    last_modified_time: '2026-09-01T07:00:00+03:00',
    village: 'Oldtown',
    house: { rent: '120.50' },
    water: 'well',
    people: [{ age: 41 }, { age: 12 }],
    ...changes,
  };
}
