import './app/trusted';
import './app/mantine.css';
import './app/style.css';

import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';

import { ApiError } from './api/client';
import { createAppRouter } from './app/router';
import { SessionGate } from './app/session';
import { StartBoundary } from './app/StartBoundary';
import { theme } from './app/theme';
import { styleNonce } from './app/trusted';
import { withRest } from './app/withRest';
import { startLanguage } from './i18n';
import { startTips } from './ui/tips';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; only an unreachable or failing server is asked again.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      staleTime: 10_000,
      refetchOnWindowFocus: false,
    },
  },
});
const router = createAppRouter();
const schemes = localStorageColorSchemeManager({ key: 'lachan.scheme' });

// What is shown before this chunk arrives waits in its store.
const Toasts = lazy(() => withRest(() => import('./ui/Toasts').then((m) => ({ default: m.Toasts }))));

// Whoever was sent a link has no account, and no part of the console but this page.
const GuestPage = lazy(() => withRest(() => import('./pages/guest/GuestPage').then((m) => ({ default: m.GuestPage }))));
const asGuest = window.location.pathname === '/guest';

// The overview does without; every other page waits for it in its route.
if (window.location.pathname !== '/') void import('./app/rest');
startTips();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

void startLanguage().then(() => {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} getStyleNonce={() => styleNonce}>
        <Suspense fallback={null}>
          <Toasts />
        </Suspense>
        <QueryClientProvider client={client}>
          <StartBoundary>
            <Suspense fallback={null}>
              {asGuest ? (
                <GuestPage />
              ) : (
                <SessionGate>
                  <RouterProvider router={router} />
                </SessionGate>
              )}
            </Suspense>
          </StartBoundary>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
});
