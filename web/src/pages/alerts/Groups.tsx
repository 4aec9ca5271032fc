import '../../i18n/triage';

import { Button, Group, Text } from '@mantine/core';
import { IconMoodCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { Query } from '../../api/client';
import { type AlertGroup, groupsQuery } from '../../api/triageQueries';
import { formatNumber } from '../../lib/format';
import { LevelBadge } from '../../ui/Badge';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './alerts.module.css';

interface Props {
  by: 'campaign' | 'unit';
  filter: Query;
  onTake: (ids: string[]) => void;
  onClose: (ids: string[]) => void;
}

/** The queue in groups, each with the reason why its alerts are together. */
export function Groups({ by, filter, onTake, onClose }: Props) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const { data, error, isPending, refetch } = useQuery(groupsQuery({ by, ...filter }));
  if (isPending) return <Rows count={10} />;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data.items.length === 0) {
    return <EmptyState icon={<IconMoodCheck size={34} />} title={t('triage:group.none')} text={t('triage:group.noneText')} />;
  }
  return (
    <>
      {data.capped && (
        <Text size="sm" className="la-dim" p="xs">
          {t('triage:group.capped', { n: formatNumber(data.alerts, i18n.language) })}
        </Text>
      )}
      <ul className={css.groups} aria-label={t(`triage:view.${by}`)}>
        {data.items.map((group) => (
          <li key={group.id} style={{ '--bar': `var(--la-${group.level}-bar)` } as React.CSSProperties}>
            <GroupHead group={group} language={i18n.language} />
            <Group gap="xs">
              {group.unassigned > 0 && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => {
                    onTake(group.alertIds);
                  }}
                >
                  {t('triage:group.take')}
                </Button>
              )}
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  onClose(group.alertIds);
                }}
              >
                {t('triage:group.close')}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Where the alerts of a group are listed. */
export function groupLink(group: AlertGroup): { to: '/alerts' | '/alerts/$id'; params?: { id: string }; search?: Record<string, string> } {
  if (group.kind === 'alert') return { to: '/alerts/$id', params: { id: group.value } };
  return { to: '/alerts', search: group.kind === 'unit' ? { unit: group.value } : { campaign: group.id } };
}

export function GroupHead({ group, language }: { group: AlertGroup; language: string }) {
  const { t } = useTranslation(['translation', 'triage']);
  const vietnamese = language === 'vi';
  return (
    <div className={css.groupHead}>
      <Group gap={6} wrap="nowrap" align="flex-start">
        <LevelBadge level={group.level} />
        <Link {...(groupLink(group) as { to: '/alerts' })} className={css.title}>
          {vietnamese ? group.titleVi : group.title}
        </Link>
      </Group>
      <Text size="sm">{vietnamese ? group.reasonVi : group.reason}</Text>
      <Text size="xs" className="la-dim">
        {t('triage:group.alerts', { count: group.alerts })} · {t('triage:group.events', { n: formatNumber(group.events, language) })} ·{' '}
        {t('triage:group.units', { count: group.unitCount })}
        {group.unassigned > 0 && <> · {t('triage:group.unassigned', { count: group.unassigned })}</>} · <Ago at={group.lastSeen} />
        {group.unitCount > 1 && <> · {group.units.map((unit) => unit.name).join(', ')}</>}
      </Text>
    </div>
  );
}
