import { createRootRoute, retainSearchParams } from '@tanstack/react-router';

import { ErrorState } from '../../ui/State';
import { NotFound } from '../NotFound';
import { Shell } from '../Shell';
import { text } from './address';

interface Narrowed {
  /** The unit that the pages are narrowed to; it stays from page to page. */
  unit?: string | undefined;
}

export const root = createRootRoute({
  validateSearch: (s): Narrowed => ({ ...(text(s.unit) && { unit: text(s.unit) }) }),
  search: { middlewares: [retainSearchParams<Narrowed>(['unit'])] },
  component: Shell,
  // The styles the pages share, before the first page that needs them.
  beforeLoad: async ({ location }) => {
    if (location.pathname !== '/') await import('../rest');
  },
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <div style={{ padding: 16 }}>
      <ErrorState error={error} retry={reset} />
    </div>
  ),
});
