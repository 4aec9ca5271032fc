import '../i18n/notifications';

import { IconBell } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { onLive } from '../api/live';
import { unreadQuery } from '../api/notificationQueries';
import css from './shell.module.css';

/** How much somebody has not read, and the way to it. */
export function Bell() {
  const { t } = useTranslation('notifications');
  const client = useQueryClient();
  const unread = useQuery(unreadQuery).data?.unread ?? 0;
  useEffect(() => onLive('inbox', () => void client.invalidateQueries({ queryKey: ['notifications'] })), [client]);
  const label = t('bell', { n: unread });
  return (
    <Link to="/notifications" className={css.tool} aria-label={label} data-tip={label} style={{ position: 'relative' }}>
      <IconBell size={19} />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="la-num"
          style={{
            position: 'absolute',
            top: 2,
            right: 0,
            minWidth: 16,
            padding: '0 4px',
            borderRadius: 8,
            background: 'var(--mantine-color-red-9)',
            color: '#fff',
            fontSize: 11,
            lineHeight: '16px',
            textAlign: 'center',
          }}
        >
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </Link>
  );
}
