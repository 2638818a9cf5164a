/** The welcome page, and a small dynamical system: its states as decimals, and as a plot. */
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import type { Request } from '../shared/route.ts';
import { svgResponse } from '../shared/svg.ts';
import { drawTrajectory } from './plot.ts';
import type { calculationQuery } from './query.ts';
import { calculateStates, initialState, toRows } from './trajectory.ts';
import lines from './welcome.json' with { type: 'json' };

/** The lines are generated from the routes by `npm run generate`. */
export function welcome(): HttpResponse {
  const body = lines.map((line) => `${line}\n`).join('');
  return { statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function calculate(_: object, { query }: Request<typeof calculationQuery>): HttpResponse {
  return jsonResponse(200, toRows(calculateStates(query)));
}

export function plot(_: object, { query }: Request<typeof calculationQuery>): HttpResponse {
  const states = [initialState(query), ...calculateStates(query)];
  return svgResponse(drawTrajectory(query, states));
}
