/** Lists of stored responses: complete, for programs that follow changes, or filtered and the newest first, for people. */
import type { Fault } from '../../forms/values/fault.ts';
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { nextCursor, pageResponse } from '../shared/query.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import type { listQuery } from './query.ts';

type Query = Request<typeof listQuery>['query'];
type Proxy = Pick<Dependencies, 'dbProxy'>;

export async function listResponses(
  dependencies: Proxy,
  { query, caller: { onlyOf } }: Request<typeof listQuery>,
): Promise<HttpResponse> {
  const isNewest = query.order === 'newest';
  const errors = isNewest ? faultsOfNewest(query) : faultsOfArrival(query);
  if (errors.length > 0) throw new Problem('invalid-parameter', { errors });
  if (onlyOf !== undefined && (query.user_id ?? onlyOf) !== onlyOf) {
    const detail = 'Leave it out: your token gives access to your own responses only.';
    throw new Problem('not-yours', { errors: [{ pointer: '/user_id', detail }] });
  }
  const own = { ...query, ...(onlyOf !== undefined && { user_id: onlyOf }) };
  return isNewest ? await listNewest(dependencies, own) : await listAll(dependencies, own);
}

/** In the order of arrival, or of change. */
async function listAll({ dbProxy }: Proxy, query: Query): Promise<HttpResponse> {
  const { status: [status] = [], form_id, user_id, updated_since, limit, cursor } = query;
  const after = cursor !== undefined && 'id' in cursor ? cursor : undefined;
  return pageResponse(await dbProxy.call('listResponses', { form_id, status, user_id, updated_since, after, limit }));
}

async function listNewest({ dbProxy }: Proxy, query: Query): Promise<HttpResponse> {
  const { status: statuses, form_id, user_id, rule, ever, text, from, to, count, limit, cursor } = query;
  const position = cursor === undefined || 'id' in cursor ? undefined : cursor;
  const { items, older, newer, ...total } = await dbProxy.call('browseResponses', {
    form_id,
    statuses,
    user_id,
    rule,
    ever,
    text,
    from,
    to,
    position,
    limit,
    count: count && true,
  });
  return jsonResponse(200, {
    items,
    next_cursor: nextCursor(older),
    previous_cursor: nextCursor(newer),
    ...total,
  });
}

const OTHER_LIST: Fault = {
  pointer: '/cursor',
  detail: 'Send the cursor with the same parameters as the request that returned it.',
};

/** The parameters that need `order=newest`. */
const OF_NEWEST = ['rule', 'ever', 'text', 'from', 'to', 'count'] as const;

function faultsOfArrival({ status = [], cursor, updated_since: since, ...query }: Query): Fault[] {
  const detail = 'Send order=newest with it.';
  const faults = OF_NEWEST.filter((name) => query[name] !== undefined).map((name) => ({ pointer: `/${name}`, detail }));
  if (status.length > 1) faults.push({ pointer: '/status', detail: 'Send one status, or order=newest with several.' });
  const isSame =
    cursor === undefined || ('id' in cursor && (cursor.updated_at === undefined) === (since === undefined));
  return isSame ? faults : [...faults, OTHER_LIST];
}

function faultsOfNewest({ cursor, updated_since: since }: Query): Fault[] {
  const faults: Fault[] = [];
  if (since !== undefined) {
    const detail = 'Leave it out with order=newest; send from and to to limit the time of arrival.';
    faults.push({ pointer: '/updated_since', detail });
  }
  return cursor !== undefined && 'id' in cursor ? [...faults, OTHER_LIST] : faults;
}
