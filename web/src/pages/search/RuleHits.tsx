import { Group, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { ruleQuery } from '../../api/queries';
import { LevelBadge } from '../../ui/Badge';
import css from './drawer.module.css';

const most = 20;

/** The rules that fired on an event, by name, with the way to their alerts, which say why. */
export function RuleHits({ rules }: { rules: readonly string[] }) {
  const { t } = useTranslation(['translation', 'search']);
  const found = useQueries({ queries: rules.slice(0, most).map((id) => ({ ...ruleQuery(id), retry: false, staleTime: 300_000 })) });
  return (
    <div className={css.rules}>
      <Text size="sm" fw={620}>
        {t('event.rules')}
      </Text>
      {rules.slice(0, most).map((id, i) => {
        const rule = found[i]?.data;
        return (
          <Group key={id} gap={8}>
            {rule && <LevelBadge level={rule.level} />}
            <Link to="/rules/$id" params={{ id }} className={rule ? undefined : 'la-mono'}>
              {rule?.titleVi || rule?.title || id}
            </Link>
            <Link to="/alerts" search={{ ruleId: id, status: 'new,in_progress,closed' }} className={css.why}>
              {t('search:whyAlerts')}
            </Link>
          </Group>
        );
      })}
    </div>
  );
}
