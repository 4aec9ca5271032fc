// The gate: who is signed in decides what is drawn. The address in the URL
// bar is never changed by signing in, so a link opens what it named.
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { createContext, lazy, Suspense, use, useEffect, useState } from 'react';

import { ApiError, call, onUnauthenticated } from '../api/client';
import { sessionQuery } from '../api/queries';
import type { Session } from '../api/types';
import { withRest } from './withRest';

const SignInPage = lazy(() => withRest(() => import('../pages/signin/SignInPage').then((m) => ({ default: m.SignInPage }))));
const PendingPage = lazy(() => withRest(() => import('../pages/identity/PendingPage').then((m) => ({ default: m.PendingPage }))));
const ExpiredDialog = lazy(() => withRest(() => import('../pages/signin/ExpiredDialog').then((m) => ({ default: m.ExpiredDialog }))));

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession outside of a signed-in page');
  return session;
}

/** What the caller may do somewhere; the server decides again for each object. */
export function useMay(): (action: string) => boolean {
  const { may } = useSession();
  return (action) => may.includes(action);
}

export function SessionGate({ children }: { children: React.ReactNode }) {
  const client = useQueryClient();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const [expired, setExpired] = useState(false);

  useEffect(
    () =>
      onUnauthenticated(() => {
        // A request sent just before the session got a new secret proves nothing.
        void call('/session').catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 401) setExpired(true);
        });
      }),
    [],
  );

  if (!session) return <SignInPage />;
  if (session.pending !== '') return <PendingPage session={session} />;
  return (
    <SessionContext value={session}>
      {children}
      <Suspense fallback={null}>
        {expired && (
        <ExpiredDialog
          username={session.user.username}
          onSignedIn={(next) => {
            // Somebody else must not see what the first person had on the screen.
            if (next.user.id !== session.user.id) {
              window.location.reload();
              return;
            }
            client.setQueryData(sessionQuery.queryKey, next);
            setExpired(false);
            void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
          }}
        />
        )}
      </Suspense>
    </SessionContext>
  );
}
