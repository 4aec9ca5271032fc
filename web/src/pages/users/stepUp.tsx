import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import '../../i18n/identity';

import { ApiError } from '../../api/client';
import { sessionQuery } from '../../api/queries';
import { Dialog } from '../../ui/Dialog';
import { FactorForm } from '../identity/FactorForm';

interface Waiting {
  go: () => void;
  giveUp: () => void;
}

/**
 * Where the server wants to know again who it is, guard asks for the second factor
 * and then does what was begun; called off, it fails with the server's refusal.
 */
export function useStepUp() {
  const { t } = useTranslation('identity');
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<Waiting>();
  const guard = async <T,>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'session.confirm-first') throw error;
      await new Promise<void>((go, fail) => {
        setWaiting({
          go,
          giveUp: () => {
            fail(error);
          },
        });
      });
      return await act();
    }
  };
  const dialog = (
    <Dialog
      opened={waiting !== undefined}
      onClose={() => {
        waiting?.giveUp();
        setWaiting(undefined);
      }}
      title={t('confirm.title')}
      // Over the dialog in which the change was begun.
      zIndex={300}
    >
      {waiting && (
        <FactorForm
          onDone={(session) => {
            client.setQueryData(sessionQuery.queryKey, session);
            setWaiting(undefined);
            waiting.go();
          }}
        />
      )}
    </Dialog>
  );
  return { guard, dialog };
}
