import { Alert, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { LevelResult } from '../../api/dossierQueries';
import { ErrorState } from '../../ui/State';
import css from './dossiers.module.css';
import { LevelMark } from './marks';

/** What the answers come to, and which clause made it so. */
export function ResultPanel({ result, error }: { result: LevelResult; error: unknown }) {
  const { t } = useTranslation('dossiers');
  const open = result.missing.length;
  const said = result.complete ? t('proposed', { level: result.level }) : result.level > 0 ? t('atLeast', { level: result.level, count: open }) : t('nothingYet', { count: open });
  const deciding = result.matches.filter((one) => one.decides);
  const others = result.matches.filter((one) => !one.decides);
  return (
    <section className={`la-card ${css.result ?? ''}`} aria-label={t('result')} aria-live="polite">
      <strong className={css.proposed}>{said}</strong>
      {result.risk && (
        <Alert color="yellow" p="xs">
          {t('riskNeeded')}
        </Alert>
      )}
      {error !== null && <ErrorState error={error} />}
      <Clauses title={t('because')} clauses={deciding} />
      <Clauses title={t('matched')} clauses={others} />
    </section>
  );
}

function Clauses({ title, clauses }: { title: string; clauses: LevelResult['matches'] }) {
  const { i18n } = useTranslation('dossiers');
  if (clauses.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <ul className={css.clauses}>
        {clauses.map((one) => (
          <li key={`${one.question} ${one.answer}`}>
            <LevelMark level={one.level} /> {i18n.language === 'vi' ? one.vi : one.en} <span className="la-dim">({one.article})</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
