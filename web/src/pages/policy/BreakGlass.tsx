import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { SignInRules } from '../../api/accountQueries';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { Time } from '../../ui/Time';
import users from '../users/users.module.css';
import css from './policy.module.css';

const tones = { none: 'medium', ready: 'ok', used: 'high', disabled: 'informational' } as const;

/** Whether the account for emergencies would work today, and how it is made and used. */
export function BreakGlass({ account }: { account: SignInRules['breakGlass'] }) {
  const { t } = useTranslation('accounts');
  const state = account?.state ?? 'none';
  return (
    <section className={`la-card ${css.part ?? ''}`} aria-labelledby="policy-break-glass">
      <h2 id="policy-break-glass">
        {t('policy.breakGlass')} <Badge tone={tones[state]}>{t(`policy.bg.${state}`)}</Badge>
      </h2>
      <Text size="sm">{t('policy.breakGlassText')}</Text>
      {account?.lastUsedAt && (
        <Text size="sm" mt={4}>
          {t('policy.bgLast')}: <Time at={account.lastUsedAt} />
        </Text>
      )}
      <h3 className={users.part}>{t('policy.bgHow')}</h3>
      <ol className={css.steps}>
        <li>
          {t('policy.bg1')}
          <Code text="lachan user break-glass" label={t('policy.bgHow')} />
        </li>
        <li>{t('policy.bg2')}</li>
        <li>{t('policy.bg3')}</li>
        <li>{t('policy.bg4')}</li>
        <li>{t('policy.bg5')}</li>
      </ol>
    </section>
  );
}
