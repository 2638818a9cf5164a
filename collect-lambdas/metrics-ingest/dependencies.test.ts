import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { bind } from '../shared/environment.ts';
import { createDependencies } from './dependencies.ts';

const read = (variables: NodeJS.ProcessEnv) => bind(createDependencies, variables, createRecordingLogger().logger);

const complete = {
  DB_PROXY_FUNCTION: 'db-proxy',
  METRICS_API_URL: 'https://api.example.org/v1',
  METRICS_COUNTRIES: 'COL,BFA',
};

test('the token may be empty, and countries are a list', () => {
  const { countries, hungerMap } = read({ ...complete, METRICS_API_TOKEN: '' });

  expect(countries).toEqual(['COL', 'BFA']);
  expect(hungerMap).toMatchObject({ url: 'https://api.example.org/v1', token: '' });
});

test('the list of countries may be empty', () => {
  expect(read({ ...complete, METRICS_COUNTRIES: '' }).countries).toEqual([]);
});

test('one error names all missing and malformed variables', () => {
  const malformed = { METRICS_API_URL: 'ftp://example.org', METRICS_COUNTRIES: 'COL, BFA' };

  expect(() => read(malformed)).toThrow(/DB_PROXY_FUNCTION: .*; METRICS_API_URL: .*; METRICS_COUNTRIES: /);
});
