import '../../i18n/accounts';

import { Button, Checkbox, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { setFactorRoles, type SignInRules, signInRulesQuery, usersChanged } from '../../api/accountQueries';
import { usersQuery } from '../../api/queries';
import type { Account } from '../../api/types';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { offerUndo } from '../../kit/undo';
import { affected, isIn } from '../../lib/accounts';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Denied } from '../users/Denied';
import { useStepUp } from '../users/stepUp';
import { personalRoles } from '../users/UserForm';
import { BreakGlass } from './BreakGlass';
import { Fixed } from './Fixed';
import css from './policy.module.css';
import { SSO } from './SSO';

const always = 'administrator';
const none: Account[] = [];
const named = 12;

export function PolicyPage() {
  return (
    <Denied action="signin.policy">
      <Policy />
    </Denied>
  );
}

/** Everything that governs how people sign in. */
function Policy() {
  const { t } = useTranslation(['translation', 'accounts']);
  const { data, error, isPending, refetch } = useQuery(signInRulesQuery);
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <PageHeader title={t('accounts:policy.title')}>
        <LinkButton to="/admin/roles" size="xs" variant="default">
          {t('nav.roles')}
        </LinkButton>
      </PageHeader>
      {isPending && (
        <div className="la-card">
          <Rows count={10} />
        </div>
      )}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data && (
        <>
          <Factors key={data.factorRoles.join(' ')} rules={data} />
          <Fixed rules={data} />
          <BreakGlass account={data.breakGlass} />
          <SSO provider={data.sso} />
        </>
      )}
    </div>
  );
}

function Factors({ rules }: { rules: SignInRules }) {
  const { t } = useTranslation(['translation', 'accounts']);
  const client = useQueryClient();
  const users = useQuery(usersQuery).data?.items ?? none;
  const { guard, dialog } = useStepUp();
  const now: readonly string[] = rules.factorRoles;
  const [chosen, setChosen] = useState<readonly string[]>(now);
  const [asking, setAsking] = useState(false);
  const added = chosen.filter((role) => !now.includes(role));
  const less = now.filter((role) => !chosen.includes(role));
  const changed = added.length + less.length > 0;
  const concerned = affected(users, now, chosen);
  const refresh = () => {
    void client.invalidateQueries({ queryKey: signInRulesQuery.queryKey });
    void usersChanged(client);
  };
  return (
    <section className={`la-card ${css.part ?? ''}`} aria-labelledby="policy-factors">
      <h2 id="policy-factors">{t('accounts:policy.factorTitle')}</h2>
      <Text size="sm" mb="sm">
        {t('accounts:policy.factorText')}
      </Text>
      <ul className={css.roles}>
        {personalRoles.map((role) => {
          const holders = users.filter((u) => u.role === role && !u.disabled && !u.emergency);
          const without = holders.filter((u) => isIn('no-factor', u, 0)).length;
          return (
            <li key={role}>
              <Checkbox
                label={t(`role.${role}`)}
                checked={role === always || chosen.includes(role)}
                disabled={role === always}
                onChange={(event) => {
                  setChosen(event.currentTarget.checked ? [...chosen, role] : chosen.filter((other) => other !== role));
                }}
              />
              <span className="la-dim">
                {t('accounts:policy.people', { count: holders.length })}
                {holders.length > 0 && ` · ${without > 0 ? t('accounts:policy.without', { count: without }) : t('accounts:policy.everybody')}`}
                {role === always && ` · ${t('accounts:policy.locked')}`}
              </span>
            </li>
          );
        })}
      </ul>
      <Group mt="sm" gap="xs" role="status">
        {changed && <Badge tone="medium">{t('accounts:policy.changed')}</Badge>}
        {added.length > 0 && <Text size="sm">{t('accounts:policy.affectedNow', { count: concerned.length })}</Text>}
      </Group>
      <Group justify="flex-end" gap="xs" mt="xs">
        <Button
          variant="default"
          size="xs"
          disabled={!changed}
          onClick={() => {
            setChosen(now);
          }}
        >
          {t('accounts:policy.discard')}
        </Button>
        <Button
          size="xs"
          disabled={!changed}
          onClick={() => {
            setAsking(true);
          }}
        >
          {t('accounts:policy.save')}
        </Button>
      </Group>
      {asking && (
        <ConfirmDialog
          title={t('accounts:policy.confirmTitle')}
          text={
            <>
              {added.length > 0 && (
                <p className={css.line}>
                  {concerned.length === 0
                    ? t('accounts:policy.confirmNone')
                    : t('accounts:policy.confirmFew', { count: concerned.length, sessions: concerned.reduce((sum, u) => sum + u.sessions, 0) })}
                </p>
              )}
              {concerned.length > 0 && (
                <ul>
                  {concerned.slice(0, named).map((u) => (
                    <li key={u.id}>
                      {u.displayName} ({t(`role.${u.role}`)})
                    </li>
                  ))}
                  {concerned.length > named && <li>{t('accounts:policy.more', { count: concerned.length - named })}</li>}
                </ul>
              )}
              {less.length > 0 && (
                <p className={css.line}>{t('accounts:policy.confirmLess', { roles: less.map((role) => t(`role.${role as 'analyst'}`)).join(', ') })}</p>
              )}
            </>
          }
          confirm={t('accounts:policy.save')}
          onConfirm={async () => {
            await guard(() => setFactorRoles(chosen));
            refresh();
            offerUndo(t('accounts:policy.saved'), () => setFactorRoles(now).finally(refresh));
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
      {dialog}
    </section>
  );
}
