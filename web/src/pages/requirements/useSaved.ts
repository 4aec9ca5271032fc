import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { standingChanged } from '../../api/standingQueries';
import { toast } from '../../ui/toast';

/** What follows a change of how a system or a unit stands. */
export function useSaved(onClose: () => void) {
  const { t } = useTranslation('standing');
  const client = useQueryClient();
  return async () => {
    toast({ message: t('saved'), autoClose: 4_000 });
    onClose();
    await standingChanged(client);
  };
}
