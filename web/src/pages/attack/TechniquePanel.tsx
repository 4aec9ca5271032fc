import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { type AttackFilter, techniqueQuery } from '../../api/attackQueries';
import type { Level } from '../../api/types';
import { EntityValue } from '../../kit/EntityLink';
import { formatNumber } from '../../lib/format';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './attack.module.css';

interface Props {
  id: string;
  filter: AttackFilter;
  onOpen: (id: string) => void;
}

const rulesShown = 30;

/** One technique: how it is watched, by which rules, and what they found. */
export function TechniquePanel({ id, filter, onOpen }: Props) {
  const { t, i18n } = useTranslation(['translation', 'attack']);
  const vi = i18n.language === 'vi';
  const { data: x, error, refetch } = useQuery(techniqueQuery(id, filter));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!x) return <Rows count={8} />;
  return (
    <Stack gap="sm">
      <div>
        <Text size="sm">
          <b>{t(`attack:${x.state}`)}</b>
          {' · '}
          {t('attack:rules', { n: formatNumber(x.rules, i18n.language) })}
          {' · '}
          {t('attack:alerts', { n: formatNumber(x.alerts, i18n.language) })}
        </Text>
        {vi && x.nameVi && (
          <Text size="sm" className="la-dim" lang="en">
            {x.name}
          </Text>
        )}
        {x.platforms.length > 0 && (
          <Text size="sm" className="la-dim">
            {t('attack:platforms')}: {x.platforms.join(', ')}
          </Text>
        )}
        <Group gap="sm" mt={4}>
          {x.parent && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                onOpen(x.parent);
              }}
            >
              {t('attack:parent')} {x.parent}
            </Button>
          )}
          <Link to="/rules" search={{ tag: `attack.${x.id.toLowerCase()}` }}>
            {t('attack:allRules')}
          </Link>
          <a href={x.url} target="_blank" rel="noreferrer">
            {t('attack:mitre')}
          </a>
        </Group>
      </div>
      {x.subs.length > 0 && (
        <section>
          <Title order={3}>{t('attack:subs')}</Title>
          <Group gap={6} mt={6}>
            {x.subs.map((sub) => (
              <Button
                key={sub.id}
                size="compact-xs"
                variant="default"
                onClick={() => {
                  onOpen(sub.id);
                }}
              >
                {sub.id} {vi ? sub.nameVi || sub.name : sub.name}
              </Button>
            ))}
          </Group>
        </section>
      )}
      <section>
        <Title order={3}>{t('attack:rulesTitle')}</Title>
        {x.ruleList.length === 0 && (
          <Text size="sm" className="la-dim">
            {t('attack:noRules')}
          </Text>
        )}
        <ul className={css.plain}>
          {x.ruleList.slice(0, rulesShown).map((rule) => (
            <li key={rule.id}>
              <Group gap={8} wrap="nowrap" align="flex-start" justify="space-between">
                <Link to="/rules/$id" params={{ id: rule.id }} lang={vi && rule.titleVi ? 'vi' : 'en'}>
                  {vi ? rule.titleVi || rule.title : rule.title}
                </Link>
                <LevelBadge level={rule.level as Level} />
              </Group>
              <Text size="xs" className="la-dim">
                {[rule.product, rule.category, rule.service].filter(Boolean).join(' / ')}
                {' · '}
                {rule.enabled ? (x.arrivalsSince ? t(rule.fed ? 'attack:fed' : 'attack:unfed') : '') : t('attack:off')}
                {rule.alerts > 0 && ` · ${t('attack:alerts', { n: formatNumber(rule.alerts, i18n.language) })}`}
              </Text>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <Title order={3}>{t('attack:alertsTitle')}</Title>
        {x.alertList.length === 0 && (
          <Text size="sm" className="la-dim">
            {t('attack:noAlerts')}
          </Text>
        )}
        <ul className={css.plain}>
          {x.alertList.map((alert) => (
            <li key={alert.id}>
              <Group gap={8} wrap="nowrap" align="flex-start" justify="space-between">
                <Link to="/alerts/$id" params={{ id: alert.id }}>
                  {vi ? alert.titleVi || alert.title : alert.title}
                </Link>
                <StatusBadge status={alert.status} />
              </Group>
              <Text size="xs" className="la-dim">
                <EntityValue field={alert.entityField} value={alert.entityValue} /> · {alert.unitName} · <Ago at={alert.lastSeen} />
              </Text>
            </li>
          ))}
        </ul>
      </section>
    </Stack>
  );
}
