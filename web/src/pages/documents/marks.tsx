import '../../i18n/documents';

import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { PaperDocument } from '../../api/documentQueries';
import { DrillMark } from '../../kit/Drill';
import { Badge } from '../../ui/Badge';
import { Time } from '../../ui/Time';
import css from './documents.module.css';

const tone = { draft: 'informational', submitted: 'medium', approved: 'low', sent: 'low', acknowledged: 'ok', withdrawn: 'informational' } as const;

export function DocumentMarks({ of }: { of: PaperDocument }) {
  const { t } = useTranslation('documents');
  return (
    <Group gap={6}>
      <Badge tone={tone[of.state]}>{t(`state.${of.state}`)}</Badge>
      {of.drill && <DrillMark />}
    </Group>
  );
}

/** Documents one below the other, each a link. */
export function DocumentItems({ items }: { items: PaperDocument[] }) {
  const { t } = useTranslation('documents');
  return (
    <ul className={css.items}>
      {items.map((d) => (
        <li key={d.id} className={`la-card ${css.item ?? ''}`}>
          <Group justify="space-between" gap="xs">
            <Link to="/documents/$id" params={{ id: d.id }} className="la-wrap">
              <strong>{d.code || t('noNumber')}</strong> {d.title}
            </Link>
            <DocumentMarks of={d} />
          </Group>
          <Text size="xs" className="la-dim la-wrap">
            {d.subject.code && `${d.subject.code} · `}
            {d.to.length > 0 && `${t('to')}: ${d.to.join('; ')} · `}
            {t('by', { name: d.draftedBy.displayName })} · <Time at={d.changedAt} />
          </Text>
        </li>
      ))}
    </ul>
  );
}
