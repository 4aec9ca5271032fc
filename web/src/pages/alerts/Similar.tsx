import '../../i18n/triage';

import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { similarQuery } from '../../api/triageQueries';
import type { AlertDetail } from '../../api/types';
import { EntityValue } from '../../kit/EntityLink';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './alerts.module.css';
import { useReasons } from './reasons';
import { span } from './span';

interface Props {
  alert: AlertDetail;
  onClose?: ((reason: string, note: string) => void) | undefined;
}

/** What was done about past alerts of the rule, and the way to do the same. */
export function Similar({ alert, onClose }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const { data, error, isPending, refetch } = useQuery(similarQuery(alert.id));
  const suggested = data?.suggestion;
  const { nameOf: reasonName } = useReasons();
  return (
    <section>
      <Title order={3} mb={6}>
        {t('triage:similar.title')}
      </Title>
      {isPending && <Rows count={3} />}
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.groups.every((group) => group.total === 0) && (
        <Text size="sm" className="la-dim">
          {t('triage:similar.none')}
        </Text>
      )}
      {suggested && (
        <Group gap="xs" mb={6}>
          <Text size="sm">{t('triage:similar.suggest', { count: suggested.count, of: suggested.of, reason: reasonName(suggested.reason) })}</Text>
          {onClose && alert.status !== 'closed' && (
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                onClose(suggested.reason, suggested.note);
              }}
            >
              {t('triage:similar.same')}
            </Button>
          )}
        </Group>
      )}
      {data?.groups
        .filter((group) => group.total > 0)
        .map((group) => (
          <div key={group.closeness} style={{ marginBottom: 8 }}>
            <Text size="sm" fw={600}>
              {t(`triage:similar.${group.closeness}`)}
            </Text>
            <Text size="xs" className="la-dim">
              {Object.entries(group.byReason)
                .map(([reason, n]) => `${reasonName(reason)}: ${String(n)}`)
                .join(' · ')}
              {' · '}
              {t('triage:similar.took', { span: span(group.medianSeconds, t) })}
            </Text>
            <ul className={css.plain}>
              {group.recent.map((past) => (
                <li key={past.id}>
                  <Link to="/alerts/$id" params={{ id: past.id }}>
                    <Time at={past.closedAt} />
                  </Link>{' '}
                  {reasonName(past.reason)}
                  {past.closedBy && <span className="la-dim"> · {t('triage:similar.by', { name: past.closedBy.displayName })}</span>}
                  {group.closeness !== 'same-entity' && (
                    <span className="la-dim">
                      {' · '}
                      {group.closeness === 'elsewhere' && `${past.unitName} · `}
                      <EntityValue field={past.entityField} value={past.entityValue} className="la-mono" />
                    </span>
                  )}
                  {past.note && <div className="la-wrap la-dim">{past.note}</div>}
                </li>
              ))}
            </ul>
          </div>
        ))}
    </section>
  );
}
