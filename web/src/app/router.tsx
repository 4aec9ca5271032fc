// The pages and what each keeps in its address. Every page is a chunk of its
// own, fetched when first opened (or pointed at).
import { createRouter } from '@tanstack/react-router';

import { Rows } from '../ui/State';
import { parse, write } from './routes/address';
import { administerRoutes } from './routes/administer';
import { registerRoutes } from './routes/register';
import { respondRoutes } from './routes/respond';
import { root } from './routes/root';
import { watchRoutes } from './routes/watch';

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([...watchRoutes, ...respondRoutes, ...registerRoutes, ...administerRoutes]),
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Rows count={8} />,
    scrollRestoration: true,
    parseSearch: parse,
    stringifySearch: write,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
