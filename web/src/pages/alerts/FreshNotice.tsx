import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { onLiveAlert } from '../../api/live';
import css from './alerts.module.css';

/** New alerts are announced, not inserted: the row under the pointer stays. */
export function FreshNotice({ known, refetch }: { known: readonly { id: string }[]; refetch: () => void }) {
  const { t } = useTranslation();
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  useEffect(
    () =>
      onLiveAlert(({ kind, alert }) => {
        if (kind === 'created') setWaiting((ids) => new Set(ids).add(alert.id));
      }),
    [],
  );
  const fresh = [...waiting].filter((id) => !known.some((alert) => alert.id === id)).length;
  return (
    <div className={css.notice} role="status">
      {fresh > 0 && (
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconArrowUp size={14} />}
          onClick={() => {
            setWaiting(new Set());
            refetch();
          }}
        >
          {t('alerts.fresh', { count: fresh })}
        </Button>
      )}
    </div>
  );
}
