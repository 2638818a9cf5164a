/** Stores birthdays, and greets with the number of days until the next one. */
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { faultsOf } from '../shared/query.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { daysUntilBirthday } from './birthday.ts';
import type { Dependencies } from './dependencies.ts';
import { helloParameters, type putHelloBody } from './request.ts';
import { dayIn } from './time-zone.ts';

export async function putHello(
  dependencies: Dependencies,
  { event, readBody }: BodyRequest<typeof putHelloBody>,
): Promise<HttpResponse> {
  const { username, today } = readCaller(dependencies, event);
  const { dateOfBirth } = readBody();
  if (dateOfBirth >= today) {
    const detail = `Send a day before today, ${today}.`;
    throw new Problem('invalid-body', { errors: [{ pointer: '/dateOfBirth', detail }] });
  }
  await dependencies.dbProxy.call('putBirthday', { username, date_of_birth: dateOfBirth });
  return { statusCode: 204 };
}

export async function getHello(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { username, today } = readCaller(dependencies, event);
  const { birthday } = await dependencies.dbProxy.call('getBirthday', { username });
  if (birthday === null) {
    throw new Problem('not-found', { detail: 'No birthday is stored under this name; send it with PUT first.' });
  }
  const days = daysUntilBirthday(birthday.date_of_birth, today);
  const wish = days === 0 ? 'Happy birthday!' : `Your birthday is in ${days} day(s)`;
  return jsonResponse(200, { message: `Hello, ${username}! ${wish}` });
}

/** The name, in NFC, and the current day in the caller's X-Time-Zone, by default in the installation's time zone. */
function readCaller({ timeZone, now }: Dependencies, event: HttpEvent): { username: string; today: string } {
  const parsed = helloParameters.safeParse({
    username: pathParameter(event, 'username'),
    'X-Time-Zone': event.headers['x-time-zone'],
  });
  if (!parsed.success) throw new Problem('invalid-parameter', { errors: faultsOf(parsed.error, []) });
  const { username, 'X-Time-Zone': callersZone } = parsed.data;
  return { username, today: dayIn(callersZone ?? timeZone, now()) };
}
