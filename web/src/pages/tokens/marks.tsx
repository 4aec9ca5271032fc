import { useTranslation } from 'react-i18next';

import type { Token } from '../../api/types';
import type { TokenState } from '../../lib/accounts';
import { Badge } from '../../ui/Badge';
import { Ago, useNow } from '../../ui/Time';
import css from '../users/users.module.css';

const tones = { active: 'ok', expiring: 'medium', expired: 'informational', revoked: 'informational' } as const satisfies Record<TokenState, string>;
const dayMs = 86_400_000;

export function TokenMark({ token }: { token: Token }) {
  const { t } = useTranslation('accounts');
  const now = useNow();
  const left = token.expiresAt === undefined ? 0 : Math.max(0, Math.ceil((Date.parse(token.expiresAt) - now) / dayMs));
  return (
    <span className={css.marks}>
      <Badge tone={tones[token.status]} round={token.status === 'active'}>
        {t(`token.states.${token.status}`)}
        {token.status === 'expiring' && `, ${t('token.daysLeft', { count: left })}`}
      </Badge>
    </span>
  );
}

/** When and, for a token that acts, from where it was used last. */
export function LastUse({ token }: { token: Token }) {
  const { t } = useTranslation('accounts');
  if (token.lastUsedAt === undefined) return <span className="la-dim">{t('token.never')}</span>;
  return (
    <>
      <Ago at={token.lastUsedAt} />
      {token.lastUsedAddress !== '' && <span className={css.sub}>{t('token.from', { address: token.lastUsedAddress })}</span>}
    </>
  );
}
