/** The pages in the navigation, and the roles that see them. The API decides what each role may do. */
import type { Role } from './session.ts';

export interface Page {
  path: string;
  title: string;
  roles: readonly Role[];
}

const READERS: readonly Role[] = ['viewer', 'manager'];

export const PAGES: readonly Page[] = [
  { path: '/overview', title: 'Overview', roles: READERS },
  { path: '/responses', title: 'Responses', roles: ['collector', ...READERS] },
  { path: '/forms', title: 'Forms', roles: READERS },
  { path: '/exports', title: 'Exports', roles: READERS },
  { path: '/people', title: 'People', roles: ['manager'] },
  { path: '/figures', title: 'Figures', roles: READERS },
];

/** The page of an address: `/forms/wells` belongs to Forms. Undefined if it is not in the navigation. */
export const pageOf = (path: string): Page | undefined =>
  PAGES.find((page) => path === page.path || path.startsWith(`${page.path}/`));
