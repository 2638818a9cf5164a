/** The welcome page, and a small dynamical system: its states as exact decimals, and as a picture. */
import { jsonResponse, routeRequests, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import type { Logger } from '../shared/logger.ts';
import { readQuery } from '../shared/query.ts';
import { drawTrajectory } from './plot.ts';
import { calculationQuery } from './query.ts';
import { calculateStates, initialState, toRows } from './trajectory.ts';
import { WELCOME } from './welcome.ts';

/** An SVG can carry scripts and fetch things when it is opened by itself; this one may only be looked at. */
const PICTURE_HEADERS = {
  'content-type': 'image/svg+xml; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};

export function createHandler({ logger }: { logger: Logger }) {
  return routeRequests(
    {
      'GET /': () => Promise.resolve(welcome()),
      'GET /calculation': async (event) => calculate(event),
      'GET /calculation/plot': async (event) => plot(event),
    },
    logger,
  );
}

function welcome(): HttpResponse {
  return { statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: WELCOME };
}

function calculate(event: HttpEvent): HttpResponse {
  return jsonResponse(200, toRows(calculateStates(readQuery(event, calculationQuery))));
}

function plot(event: HttpEvent): HttpResponse {
  const calculation = readQuery(event, calculationQuery);
  const states = [initialState(calculation), ...calculateStates(calculation)];
  return { statusCode: 200, headers: PICTURE_HEADERS, body: drawTrajectory(calculation, states) };
}
