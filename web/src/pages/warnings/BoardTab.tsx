import { Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { copiesQuery, type WarningCopy } from '../../api/warningQueries';
import { EmptyState } from '../../kit/EmptyState';
import { List } from '../../kit/List';
import { Time } from '../../ui/Time';
import { CopyState } from './marks';

/** How far every unit is with its copy. */
export function BoardTab({ id }: { id: string }) {
  const { t } = useTranslation('warnings');
  const query = useQuery(copiesQuery(id));
  const go = useNavigate();
  return (
    <List<WarningCopy>
      label={t('board')}
      items={query.data?.items ?? []}
      id={(c) => c.unit}
      name={(c) => c.unitName}
      query={query}
      page={(c) => `/warnings/${c.warning}/${c.unit}`}
      onOpen={(of) => {
        if (of !== undefined) void go({ to: '/warnings/$id/$of', params: { id, of } });
      }}
      columns={[
        { id: 'unit', name: t('unit'), main: true, cell: (c) => c.unitName },
        { id: 'state', name: t('copyState'), cell: (c) => <CopyState copy={c} /> },
        { id: 'ack', name: t('acknowledged'), cell: (c) => c.acknowledgedAt && <Time at={c.acknowledgedAt} />, from: 'md' },
        { id: 'answer', name: t('answer'), cell: (c) => t(`answers.${c.answer === '' ? 'none' : c.answer}`), from: 'sm' },
        {
          id: 'recheck',
          name: t('recheck'),
          from: 'md',
          cell: (c) => c.recheck.state !== '' && <Text size="sm">{t(`results.${c.recheck.state}`, { count: c.recheck.events })}</Text>,
        },
        { id: 'fixBy', name: t('fixBy'), cell: (c) => <Time at={c.fixBy} />, from: 'lg' },
      ]}
      empty={<EmptyState icon={<IconListCheck size={34} />} title={t('boardNobody')} text={t('boardText')} />}
    />
  );
}
