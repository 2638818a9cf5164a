import * as z from 'zod';
import { readEnvironment } from './env.ts';

const shape = { DB_PROXY_FUNCTION: z.string().min(1), LIMIT: z.coerce.number().int(), MODE: z.enum(['a', 'b']) };

test('what a function needs of its environment is read and typed; the rest is left alone', () => {
  const environment = { DB_PROXY_FUNCTION: 'proxy', LIMIT: '5', MODE: 'a', HOME: '/root' };

  expect(readEnvironment(shape, environment)).toEqual({ DB_PROXY_FUNCTION: 'proxy', LIMIT: 5, MODE: 'a' });
});

test('every variable that is missing or malformed is named at once', () => {
  const read = () => readEnvironment(shape, { DB_PROXY_FUNCTION: '', LIMIT: 'five' });

  expect(read).toThrow(/DB_PROXY_FUNCTION: .*LIMIT: .*MODE: /);
});

test('what a variable holds is not repeated', () => {
  const read = () => readEnvironment(shape, { DB_PROXY_FUNCTION: 'proxy', LIMIT: 'hunter2', MODE: 'hunter2' });

  expect(read).toThrow('LIMIT');
  expect(read).not.toThrow('hunter2');
});
