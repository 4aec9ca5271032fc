import { useTranslation } from 'react-i18next';

/** What a kind of the server's is called; the kind itself where there is no word yet. */
export function useKind() {
  const { t, i18n } = useTranslation('agenda');
  return (kind: string) => (i18n.exists(`agenda:kind.${kind}`) ? t(`kind.${kind as 'obligation'}`) : kind);
}
