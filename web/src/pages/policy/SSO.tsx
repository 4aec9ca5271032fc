import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { SignInRules } from '../../api/accountQueries';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { useUnitNames } from '../users/UnitPicker';
import users from '../users/users.module.css';
import css from './policy.module.css';

const sample = `identity:
  oidc:
    issuer: https://sso.tinh.example/realms/tinh
    clientId: lachan
    clientSecretFile: /etc/lachan/oidc-secret
    name: SSO`;

/** The provider of single sign-on as the configuration has it, or how to have one. */
export function SSO({ provider }: { provider: SignInRules['sso'] }) {
  const { t } = useTranslation(['translation', 'accounts']);
  const names = useUnitNames();
  const yes = (on: boolean) => t(on ? 'accounts:user.yes' : 'accounts:user.no');
  return (
    <section className={`la-card ${css.part ?? ''}`} aria-labelledby="policy-sso">
      <h2 id="policy-sso">
        {t('accounts:policy.sso')} {!provider && <Badge tone="informational">{t('accounts:policy.ssoNone')}</Badge>}
      </h2>
      <Text size="sm">{provider ? t('accounts:policy.ssoText') : t('accounts:policy.ssoNoneText')}</Text>
      {provider && (
        <dl className={users.facts} style={{ marginTop: 10 }}>
          <dt>{t('accounts:policy.ssoName')}</dt>
          <dd>{provider.name}</dd>
          <dt>{t('accounts:policy.issuer')}</dt>
          <dd className="la-mono">{provider.issuer}</dd>
          <dt>{t('accounts:policy.clientId')}</dt>
          <dd className="la-mono">{provider.clientId}</dd>
          <dt>{t('accounts:policy.secret')}</dt>
          <dd>{t(provider.public ? 'accounts:policy.secretNone' : 'accounts:policy.secretSet')}</dd>
          <dt>{t('accounts:policy.redirect')}</dt>
          <dd className="la-mono">{provider.redirectUrl}</dd>
          <dt>{t('accounts:policy.scopes')}</dt>
          <dd className="la-mono">{provider.scopes.join(' ')}</dd>
          <dt>{t('accounts:policy.trust')}</dt>
          <dd>{yes(provider.trustMfa)}</dd>
          <dt>{t('accounts:policy.mapping')}</dt>
          <dd>
            {provider.mapping.length === 0
              ? t('accounts:policy.mappingNone')
              : provider.mapping.map((m) => (
                  <div key={`${m.claim} ${m.value}`}>
                    {t('accounts:policy.mappingLine', { claim: m.claim, value: m.value, role: t(`role.${m.role as 'analyst'}`), unit: names.name(m.unit) })}
                  </div>
                ))}
          </dd>
        </dl>
      )}
      <h3 className={users.part}>{t('accounts:policy.ssoHow')}</h3>
      <ol className={css.steps}>
        <li>
          {t('accounts:policy.sso1')}
          <Code text={provider?.redirectUrl ?? `${window.location.origin}/sso/callback`} wrap label={t('accounts:policy.redirect')} />
        </li>
        <li>
          {t('accounts:policy.sso2')}
          <Code text={sample} label={t('accounts:policy.ssoHow')} />
        </li>
        <li>{t('accounts:policy.sso3')}</li>
      </ol>
    </section>
  );
}
