import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import { sessionQuery } from '../../api/queries';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';
import { calledOff } from '../../lib/passkeys';
import { FactorForm } from './FactorForm';

/** Something sensitive to do: where the server wants to know again who it is, that is asked and it goes on. */
export function useSensitive<T>(act: (input: T) => Promise<unknown>, hasFactor: boolean) {
  const { t } = useTranslation(['translation', 'identity']);
  const client = useQueryClient();
  const errorText = useErrorText();
  const [waiting, setWaiting] = useState<{ input: T }>();
  const mutation = useMutation({
    mutationFn: act,
    onError: (error, input) => {
      if (error instanceof ApiError && error.code === 'session.confirm-first') {
        setWaiting({ input });
        return;
      }
      if (calledOff(error)) return;
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  const close = () => {
    setWaiting(undefined);
  };
  const dialog = (
    <Dialog opened={waiting !== undefined} onClose={close} title={t('identity:confirm.title')}>
      {waiting && (
        <FactorForm
          passwordOnly={!hasFactor}
          onDone={(session) => {
            client.setQueryData(sessionQuery.queryKey, session);
            close();
            mutation.mutate(waiting.input);
          }}
        />
      )}
    </Dialog>
  );
  return { run: mutation.mutate, pending: mutation.isPending, dialog };
}
