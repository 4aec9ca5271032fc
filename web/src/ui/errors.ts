import { useTranslation } from 'react-i18next';

import { ApiError, unreachable } from '../api/client';

/** Turns any failure into a title and a remedy in the reader's language. */
export function useErrorText(): (error: unknown) => { title: string; remedy: string } {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) {
      return { title: t('error.unexpected.title'), remedy: t('error.unexpected.remedy') };
    }
    const key = `code.${error.code.replaceAll('.', '_')}`;
    if (error.code && i18n.exists(key)) {
      // The set of codes is the server's; the catalogue decides which have words.
      const words = t(key as 'code.network_unreachable', { returnObjects: true });
      return words;
    }
    // Codes of one page only have their words in that page's catalogue.
    for (const ns of Object.keys(i18n.store.data[i18n.language] ?? {})) {
      if (error.code && i18n.exists(`${ns}:${key}`)) return t(`${ns}:${key}` as 'code.network_unreachable', { returnObjects: true });
    }
    if (error.status === unreachable) return t('code.network_unreachable', { returnObjects: true });
    if (error.status === 401) return t('error.signedOut', { returnObjects: true });
    if (error.status === 403) return t('error.denied', { returnObjects: true });
    if (error.status === 404) return t('error.notFound', { returnObjects: true });
    if (error.status === 409) return t('error.conflict', { returnObjects: true });
    if (error.status === 422 || error.status === 400) return t('error.invalid', { returnObjects: true });
    if (error.status === 429 || error.status === 503) return t('error.busy', { returnObjects: true });
    return t('error.server', { returnObjects: true });
  };
}
