import { createDependencies } from './dependencies.ts';

describe('the environment of hello', () => {
  test('has the time zone of the stack, else UTC', () => {
    const environment = { DB_PROXY_FUNCTION: 'proxy' };

    expect(createDependencies({ ...environment, TIME_ZONE: 'Africa/Kinshasa' }).timeZone).toBe('Africa/Kinshasa');
    expect(createDependencies(environment).timeZone).toBe('UTC');
  });

  test('is refused whole: every variable that is missing or malformed is named', () => {
    expect(() => createDependencies({ TIME_ZONE: 'Mars/Olympus_Mons' })).toThrow(/DB_PROXY_FUNCTION.*TIME_ZONE/);
  });
});
