/** The cache of what was read. Every page reads by `useQuery` and writes by `useMutation` of TanStack Query. */
import { QueryClient } from '@tanstack/vue-query';
import { NoReplyError, ProblemError } from '../shared/problem.ts';

const TRIES = 3;

/** Whether the same request may succeed later. */
const isTransient = (error: Error): boolean =>
  error instanceof NoReplyError ||
  (error instanceof ProblemError && [429, 502, 503, 504].includes(error.problem.status));

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => isTransient(error) && failures < TRIES,
    },
    // Without a network, a change fails immediately and says so, instead of waiting unseen.
    mutations: { retry: false, networkMode: 'always' },
  },
});
