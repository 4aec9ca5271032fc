import '../../i18n/triage';

import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { AlertDetail } from '../../api/types';
import { formatNumber, readTag } from '../../lib/format';
import css from './alerts.module.css';

/** The name of a tactic in the reader's language, as an alert's tags have it: "attack.initial-access". */
export function useTagName() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  return (tag: string) => {
    const read = readTag(tag);
    const key = `triage:tactic.${tag.replace(/^attack\./, '').replaceAll('_', '-')}`;
    return read.kind === 'tactic' && i18n.exists(key) ? t(key as 'triage:tactic.impact') : read.label;
  };
}

/** What an alert means, in plain words; where the rule has none in the reader's language, what can be said without. */
export function Explanation({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const tagName = useTagName();
  const vietnamese = i18n.language === 'vi';
  const { rule, signal } = alert;
  const own = signal ? (vietnamese ? signal.explanationVi : signal.explanation) : vietnamese ? rule?.explanationVi : rule?.description;
  const tactics = alert.tags.filter((tag) => readTag(tag).kind === 'tactic').map((tag) => tagName(tag).toLowerCase());
  // The other language's words are better than none.
  const foreign = own || signal ? undefined : vietnamese ? rule?.description : rule?.explanationVi;
  const known = {
    entity: alert.entityValue || t('triage:plain.something'),
    unit: alert.unitName || alert.unit,
    count: alert.count,
    n: formatNumber(alert.count, i18n.language),
  };
  return (
    <section className={css.explain}>
      <Title order={3} mb={4}>
        {t('alerts.explanation')}
      </Title>
      <p className="la-wrap">
        {own || (
          <>
            {t('triage:plain.what', known)} {tactics.length > 0 && t('triage:plain.sign', { tactics: tactics.join(', ') })}
          </>
        )}
      </p>
      {foreign && (
        <Text size="sm" mt={6} className="la-dim la-wrap">
          {t('triage:plain.foreign')} <span lang={vietnamese ? 'en' : 'vi'}>{foreign}</span>
        </Text>
      )}
    </section>
  );
}
