import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { bind } from '../shared/environment.ts';
import { createDependencies } from './dependencies.ts';

const read = (variables: NodeJS.ProcessEnv) => bind(createDependencies, variables, createRecordingLogger().logger);

describe('the environment of hello', () => {
  test('has the time zone of the stack, by default UTC', () => {
    const environment = { DB_PROXY_FUNCTION: 'proxy' };

    expect(read({ ...environment, TIME_ZONE: 'Africa/Kinshasa' }).timeZone).toBe('Africa/Kinshasa');
    expect(read(environment).timeZone).toBe('UTC');
  });

  test('is refused with the names of all missing or malformed variables', () => {
    expect(() => read({ TIME_ZONE: 'Mars/Olympus_Mons' })).toThrow(/DB_PROXY_FUNCTION.*TIME_ZONE/);
  });
});
