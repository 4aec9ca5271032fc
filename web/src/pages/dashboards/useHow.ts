import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export type Language = 'vi' | 'en';

/** How numbers are written for the reader. */
export function useHow() {
  const { t, i18n } = useTranslation('boards');
  const language: Language = i18n.language === 'en' ? 'en' : 'vi';
  return useMemo(() => ({ language, perSecond: (n: string) => t('figure.perSecond', { n }) }), [t, language]);
}
