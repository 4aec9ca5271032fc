import { useTranslation } from 'react-i18next';

/** Records about attempts that were refused. */
export const isRefused = (action: string) => action === 'session.refused' || action.startsWith('access.');

/** What an action is called: its own words, else those of its area with the word itself. */
export function useActionName(): (action: string) => string {
  const { t, i18n } = useTranslation('audit');
  return (action) => {
    const own = `do.${action.replaceAll('.', '_')}`;
    if (i18n.exists(own, { ns: 'audit' })) return t(own as 'do.user_create');
    const [area = '', ...rest] = action.split('.');
    const words = `area.${area}`;
    return i18n.exists(words, { ns: 'audit' }) ? `${t(words as 'area.user')}: ${rest.join('.')}` : action;
  };
}
