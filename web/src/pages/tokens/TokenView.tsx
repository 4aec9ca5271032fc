import { Button, Text } from '@mantine/core';
import { IconBan, IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { revokeTokens, tokensChanged } from '../../api/accountQueries';
import type { Token } from '../../api/types';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { LinkButton } from '../../ui/links';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { useActionWords } from '../users/RoleSummary';
import { useStepUp } from '../users/stepUp';
import { useUnitNames } from '../users/UnitPicker';
import css from '../users/users.module.css';
import { Example } from './example';
import { LastUse, TokenMark } from './marks';
import { TokenForm } from './TokenForm';

/** One token: what it may do, from where, until when, and how it is used. */
export function TokenView({ token }: { token: Token }) {
  const { t } = useTranslation(['translation', 'accounts']);
  const client = useQueryClient();
  const names = useUnitNames();
  const words = useActionWords();
  const may = useMay();
  const { guard, dialog } = useStepUp();
  const [asked, setAsked] = useState<'edit' | 'revoke'>();
  const over = token.status === 'revoked' || token.status === 'expired';
  const api = token.scope === 'api';
  const close = () => {
    setAsked(undefined);
  };
  return (
    <>
      <div className={css.tools}>
        {!over && (
          <Button size="xs" leftSection={<IconPencil size={15} />} onClick={() => { setAsked('edit'); }}>
            {t('accounts:token.edit')}
          </Button>
        )}
        {!token.revoked && (
          <Button size="xs" variant="default" c="var(--la-critical)" leftSection={<IconBan size={15} />} onClick={() => { setAsked('revoke'); }}>
            {t('accounts:token.revoke')}
          </Button>
        )}
        {may('audit.read') && (
          <LinkButton to="/admin/audit" search={{ object: `token:${token.id}` }} size="xs" variant="subtle">
            {t('accounts:token.audit')}
          </LinkButton>
        )}
      </div>
      <TokenMark token={token} />
      {over && (
        <Text size="sm" mt={6}>
          {t('accounts:token.over')}
        </Text>
      )}
      <dl className={css.facts} style={{ marginTop: 10 }}>
        <dt>{t('accounts:token.scope')}</dt>
        <dd>
          {t(`accounts:token.scopes.${token.scope}`)}
          <span className={css.sub}>{t(`accounts:token.scopeText.${token.scope}`)}</span>
        </dd>
        <dt>{t('accounts:token.unit')}</dt>
        <dd>{names.path(token.unit)}</dd>
        {api && token.role && (
          <>
            <dt>{t('accounts:token.role')}</dt>
            <dd>{t(`role.${token.role}`)}</dd>
            <dt>{t('accounts:token.actions')}</dt>
            <dd>
              {token.actions.length === 0 ? (
                t('accounts:token.actionsAll')
              ) : (
                <ul className={css.list}>
                  {token.actions.map((action) => (
                    <li key={action}>{words.action(action)}</li>
                  ))}
                </ul>
              )}
            </dd>
            <dt>{t('accounts:token.networks')}</dt>
            <dd className={token.networks.length > 0 ? 'la-mono' : undefined}>
              {token.networks.length > 0 ? token.networks.map((n) => <div key={n}>{n}</div>) : t('accounts:token.networksAny')}
            </dd>
          </>
        )}
        <dt>{t('accounts:token.expires')}</dt>
        <dd>{token.expiresAt ? <Time at={token.expiresAt} /> : t('accounts:token.noExpiry')}</dd>
        <dt>{t('accounts:token.lastUsed')}</dt>
        <dd>
          <LastUse token={token} />
          {!api && <span className={css.sub}>{t('accounts:token.senders')}</span>}
        </dd>
        <dt>{t('accounts:token.created')}</dt>
        <dd>
          <Time at={token.createdAt} />
        </dd>
        <dt>{t('accounts:token.createdBy')}</dt>
        <dd>{token.createdBy || t('accounts:token.unknown')}</dd>
      </dl>
      {!over && (
        <>
          <h3 className={css.part}>{t('accounts:token.example')}</h3>
          <Example scope={token.scope} />
        </>
      )}
      {asked === 'edit' && <TokenForm token={token} onClose={close} />}
      {asked === 'revoke' && (
        <ConfirmDialog
          title={t('accounts:token.revokeTitle')}
          text={t('accounts:token.revokeText', { names: token.name })}
          confirm={t('accounts:token.revoke')}
          danger
          onConfirm={async () => {
            await guard(() => revokeTokens([token.id]));
            await tokensChanged(client);
            toast({ message: t('accounts:token.revoked', { count: 1 }) });
          }}
          onClose={close}
        />
      )}
      {dialog}
    </>
  );
}
