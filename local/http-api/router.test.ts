import { createRouter } from './router.ts';

const paths: [method: string, path: string][] = [
  ['GET', '/forms'],
  ['GET', '/forms/{form_id}'],
  ['GET', '/forms/all'],
  ['POST', '/forms/{form_id}/responses'],
  ['GET', '/files/{name}/meta'],
];
const routes = paths.map(([method, path]) => ({ method, path, functionName: `${method} ${path}` }));

describe('a router', () => {
  const route = createRouter(routes);

  test.each([
    ['GET', '/forms', 'GET /forms', undefined],
    ['GET', '/forms/all', 'GET /forms/all', undefined],
    ['GET', '/forms/a%20b%2Fc', 'GET /forms/{form_id}', { form_id: 'a b/c' }],
    ['GET', '/forms/100%', 'GET /forms/{form_id}', { form_id: '100%' }],
    ['POST', '/forms/x/responses', 'POST /forms/{form_id}/responses', { form_id: 'x' }],
    ['GET', '/files/a/meta', 'GET /files/{name}/meta', { name: 'a' }],
  ])('sends %s %s to %s', (method, path, routeKey, pathParameters) => {
    const match = route(method, path);
    expect(match).toMatchObject({ routeKey, route: { functionName: routeKey } });
    expect(match?.pathParameters).toEqual(pathParameters);
  });

  test.each([
    ['HEAD', '/forms/all'],
    ['DELETE', '/forms'],
    ['POST', '/forms/all'],
    ['GET', '/forms/'],
    ['GET', '/forms/x/y'],
    ['GET', '/files'],
    ['GET', '/'],
  ])('has no route for %s %s', (method, path) => {
    expect(route(method, path)).toBeUndefined();
  });
});
