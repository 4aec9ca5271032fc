import '../i18n/kit';

import { useTranslation } from 'react-i18next';

import css from './drill.module.css';

/** The watermark: says on every page of something of an exercise that it is none of the real things. */
export function DrillBand({ text }: { text?: React.ReactNode }) {
  const { t } = useTranslation('kit');
  return (
    <div className={css.band} role="note">
      <b>{t('drill.band')}</b> <span>{text ?? t('drill.text')}</span>
    </div>
  );
}

/** The same mark in a row of a list. */
export function DrillMark() {
  const { t } = useTranslation('kit');
  return <span className={css.mark}>{t('drill.band')}</span>;
}
