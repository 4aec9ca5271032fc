import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { SignInRules } from '../../api/accountQueries';
import users from '../users/users.module.css';
import css from './policy.module.css';

function useSpan() {
  const { t } = useTranslation('accounts');
  return (minutes: number) =>
    minutes % 1440 === 0
      ? t('policy.days', { count: minutes / 1440 })
      : minutes % 60 === 0
        ? t('policy.hours', { count: minutes / 60 })
        : t('policy.minutes', { count: minutes });
}

/** The rules nobody changes here: passwords, sessions, wrong attempts. */
export function Fixed({ rules }: { rules: SignInRules }) {
  const { t } = useTranslation('accounts');
  const span = useSpan();
  const wait = (w: SignInRules['lockout']['account']) => t('policy.lockoutValue', { n: w.attempts, longest: span(w.longestMinutes) });
  const groups: [string, [string, string][]][] = [
    [
      t('policy.password'),
      [
        [t('policy.passwordLength'), t('policy.passwordLengthValue', { min: rules.password.minLength, max: rules.password.maxLength })],
        [t('policy.passwordDistinct'), t('policy.passwordDistinctValue', { n: rules.password.minDistinct })],
        [t('policy.passwordKinds'), t('policy.passwordKindsValue')],
        [t('policy.passkeys'), rules.passkeyHost ? t('policy.passkeysOn', { host: rules.passkeyHost }) : t('policy.passkeysOff')],
      ],
    ],
    [
      t('policy.session'),
      [
        [t('policy.idle'), span(rules.session.idleMinutes)],
        [t('policy.life'), span(rules.session.lifeMinutes)],
        [t('policy.half'), span(rules.session.factorMinutes)],
        [t('policy.confirm'), span(rules.session.confirmMinutes)],
        [t('policy.breakGlassLife'), span(rules.session.breakGlassMinutes)],
      ],
    ],
    [
      t('policy.lockout'),
      [
        [t('policy.account'), wait(rules.lockout.account)],
        [t('policy.address'), wait(rules.lockout.address)],
        [t('policy.factor'), wait(rules.lockout.factor)],
      ],
    ],
  ];
  return (
    <section className={`la-card ${css.part ?? ''}`} aria-labelledby="policy-fixed">
      <h2 id="policy-fixed">{t('policy.fixed')}</h2>
      <Text size="sm" className="la-dim">
        {t('policy.fixedText')}
      </Text>
      {groups.map(([title, facts]) => (
        <div key={title}>
          <h3 className={users.part}>{title}</h3>
          <dl className={users.facts}>
            {facts.map(([name, value]) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}
