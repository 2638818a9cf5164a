import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import * as z from 'zod';
import { bind, type Environment } from './environment.ts';

const read = (variables: NodeJS.ProcessEnv) => bind(createDependencies, variables, createRecordingLogger().logger);

const createDependencies = (environment: Environment) => ({
  proxy: environment.text('DB_PROXY_FUNCTION'),
  again: environment.text('DB_PROXY_FUNCTION'),
  limit: environment.optional('LIMIT', z.coerce.number().int(), 3),
  mode: environment.text('MODE', z.enum(['a', 'b'])),
});

test('required and optional variables are read and typed', () => {
  const required = { DB_PROXY_FUNCTION: 'proxy', MODE: 'a' };

  expect(read({ ...required, LIMIT: '5' })).toMatchObject({ proxy: 'proxy', limit: 5, mode: 'a' });
  expect(read(required)).toMatchObject({ limit: 3 });
});

test('one error names every missing or malformed variable once', () => {
  const fail = () => read({ DB_PROXY_FUNCTION: '', LIMIT: 'five' });

  expect(fail).toThrow(/DB_PROXY_FUNCTION: [^;]*; LIMIT: [^;]*; MODE: [^;]*$/);
});

test('the error does not contain the value of a variable', () => {
  const fail = () => read({ DB_PROXY_FUNCTION: 'proxy', LIMIT: 'hunter2', MODE: 'hunter2' });

  expect(fail).toThrow('LIMIT');
  expect(fail).not.toThrow('hunter2');
});
