import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { dutiesQuery } from '../../api/obligationQueries';
import { useMay } from '../../app/session';
import { type Flag, flags } from '../../lib/incidentDraft';

/** Which deadlines a property of an incident starts, as the catalogue of duties has it. */
export function useClocks() {
  const { t, i18n } = useTranslation('incidents');
  const may = useMay();
  const { data } = useQuery({ ...dutiesQuery, enabled: may('obligation.read') });
  return {
    known: data !== undefined,
    /** has: the marks an incident bears; without it what else a deadline asks for is said. */
    of: (property: string, has?: readonly Flag[]): string[] =>
      (data?.items ?? []).flatMap((duty) => {
        if (!duty.enabled || duty.on !== 'matter') return [];
        const others = (duty.when ?? [])
          .filter((set) => property in set)
          .map((set) => flags.filter((flag) => flag !== property && flag in set && !has?.includes(flag)))
          .sort((a, b) => a.length - b.length)[0];
        if (others === undefined || (has !== undefined && others.length > 0)) return [];
        const name = i18n.language === 'vi' ? duty.vi : duty.en;
        const time = duty.hours > 0 ? t('flag.hours', { count: duty.hours }) : duty.workingDays > 0 ? t('flag.workingDays', { count: duty.workingDays }) : '';
        const title = time === '' || name.includes(time) ? name : `${name} (${time})`;
        return [others.length === 0 ? title : t('flag.with', { title, flag: others.map((flag) => t(`field.${flag}`)).join(', ') })];
      }),
  };
}
