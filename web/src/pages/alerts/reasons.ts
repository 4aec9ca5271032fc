import '../../i18n/triage';

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type AlertReason, reasonsQuery } from '../../api/triageQueries';
import { isReason } from '../../lib/levels';

/** Why alerts are closed, as this centre keeps the list: those to choose from, and the name of any. */
export function useReasons() {
  const { t, i18n } = useTranslation();
  const query = useQuery(reasonsQuery);
  const all = query.data?.items ?? [];
  const words = (reason: AlertReason) => (i18n.language === 'vi' ? reason.textVi : reason.text);
  return {
    query,
    words,
    /** What a person may choose; some are for what the centre itself raised only. */
    choices: (signals: boolean) => all.filter((reason) => !reason.retired && (signals || !reason.forSignals)),
    nameOf: (id: string) => {
      const known = all.find((reason) => reason.id === id);
      if (known) return words(known);
      return isReason(id) ? t(`reason.${id}`) : id;
    },
  };
}
