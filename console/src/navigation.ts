/** The pages in the navigation, and the roles that see them. The API decides what each role may do. */
import type { Role } from './session.ts';

interface Page {
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
