import { useTranslation } from 'react-i18next';

import type { Account } from '../../api/types';
import { useSession } from '../../app/session';
import { hasFactor, isLocked } from '../../lib/accounts';
import { formatTime } from '../../lib/time';
import { Badge } from '../../ui/Badge';
import { useNow } from '../../ui/Time';
import css from './users.module.css';

/** What the account is in: in use or not, and whether it has to wait. */
export function StateMarks({ user }: { user: Account }) {
  const { t } = useTranslation('accounts');
  const now = useNow();
  const base = user.disabled ? 'disabled' : user.status === 'invited' ? 'invited' : 'active';
  return (
    <span className={css.marks}>
      <Badge tone={base === 'disabled' ? 'informational' : base === 'invited' ? 'low' : 'ok'} round>
        {t(`user.states.${base}`)}
      </Badge>
      {user.lockedUntil !== undefined && isLocked(user, now) && (
        <Badge tone="high">{t('user.lockedUntil', { time: formatTime(user.lockedUntil) })}</Badge>
      )}
    </span>
  );
}

/** What the person can show besides a password. */
export function FactorMarks({ user }: { user: Account }) {
  const { t } = useTranslation('accounts');
  if (user.emergency) return <span className="la-dim">–</span>;
  if (!hasFactor(user)) {
    return user.needsFactor ? <Badge tone="medium">{t('user.factorMissing')}</Badge> : <span className="la-dim">{t('user.noFactor')}</span>;
  }
  return <>{[user.totp && t('user.app'), user.passkeys > 0 && t('user.passkeys', { count: user.passkeys })].filter(Boolean).join(', ')}</>;
}

/** The name with what tells the account from others. */
export function NameMarks({ user }: { user: Account }) {
  const { t } = useTranslation('accounts');
  const me = useSession().user;
  return (
    <>
      {user.id === me.id && (
        <>
          {' '}
          <Badge tone="low">{t('user.you')}</Badge>
        </>
      )}
      {user.emergency && (
        <>
          {' '}
          <Badge tone="high">{t('user.emergency')}</Badge>
        </>
      )}
    </>
  );
}
