import { Button, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type OnCall, onCallQuery, teamQuery } from '../../api/responseQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { formatTime } from '../../lib/time';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Notice } from '../obligations/notices';
import { useChange } from './parts';
import css from './response.module.css';

const shownGaps = 3;

/** Who is on call now and next; a time without anybody is said loudly. */
export function OnCallTab() {
  const { t } = useTranslation('response');
  const { data, error, isPending, refetch } = useQuery(onCallQuery);
  const [adding, setAdding] = useState(false);
  const drop = useChange(({ id, version }: { id: string; version: number }) => call(`/on-call/${encodeURIComponent(id)}`, { method: 'DELETE', query: { version } }));
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <>
      {data.now.length === 0 && (
        <Notice title={t('nobody')}>
          <span role="alert">{t('nobodyText')}</span>
        </Notice>
      )}
      {data.shifts.length > 0 && data.gaps.length > 0 && (
        <Notice title={t('gaps')}>
          {data.gaps.slice(0, shownGaps).map((g) => (
            <div key={g.from}>{t('gap', { from: formatTime(g.from), until: formatTime(g.until) })}</div>
          ))}
        </Notice>
      )}
      {data.now.length > 0 && <h2 className={css.part}>{t('now')}</h2>}
      <ul className={css.grid}>
        {data.now.map((s) => (
          <li key={s.id} className={`la-card ${css.card ?? ''}`}>
            <Party label={t('primary')} party={s.primary} />
            {s.backup.id && <Party label={t('backup')} party={s.backup} />}
          </li>
        ))}
      </ul>
      <div className={css.head}>
        <h2 className={css.part}>{t('shifts')}</h2>
        {data.mayManage && (
          <Button size="xs" my="sm" onClick={() => { setAdding(true); }}>
            {t('addShift')}
          </Button>
        )}
      </div>
      {drop.error && <ErrorState error={drop.error} />}
      {data.shifts.length === 0 ? (
        <Text size="sm" className="la-dim">
          {t('noShifts')}
        </Text>
      ) : (
        <ul className={css.cards}>
          {data.shifts.toReversed().map((s) => (
            <li key={s.id} className={`la-card ${css.card ?? ''}`}>
              <div className={css.head}>
                <span>
                  <Time at={s.from} /> – <Time at={s.until} />
                </span>
                {data.mayManage && (
                  <Button size="compact-xs" variant="default" onClick={() => { drop.mutate(s); }}>
                    {t('remove')}
                  </Button>
                )}
              </div>
              <Party label={t('primary')} party={s.primary} />
              {s.backup.id && <Party label={t('backup')} party={s.backup} />}
            </li>
          ))}
        </ul>
      )}
      {adding && <ShiftDialog unit={data.unit} onClose={() => { setAdding(false); }} />}
    </>
  );
}

function Party({ label, party }: { label: string; party: OnCall['shifts'][number]['primary'] }) {
  return (
    <div>
      <span className="la-dim">{label}:</span> <strong>{party.name}</strong>{' '}
      {party.phone && (
        <a href={`tel:${party.phone.replace(/[^0-9+]/g, '')}`} className="la-num">
          {party.phone}
        </a>
      )}
    </div>
  );
}

function ShiftDialog({ unit, onClose }: { unit: string; onClose: () => void }) {
  const { t } = useTranslation('response');
  const team = (useQuery(teamQuery).data?.items ?? []).filter((r) => r.unit === unit).map((r) => ({ value: r.id, label: r.name }));
  const [from, setFrom] = useState<string>();
  const [until, setUntil] = useState<string>();
  const [primary, setPrimary] = useState<string | null>(null);
  const [backup, setBackup] = useState<string | null>(null);
  const save = useChange(() => call('/on-call', { method: 'POST', body: { unit, from, until, primary: primary ?? '', backup: backup ?? '' } }), onClose);
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('addShift')}>
      <Form error={save.error} fields={['from', 'until', 'primary', 'backup']} submit={t('save')} busy={save.isPending} disabled={!from || !until || primary === null} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        <MomentInput label={t('from')} value={from} onChange={setFrom} error={fieldError('from')} />
        <MomentInput label={t('until')} value={until} onChange={setUntil} end error={fieldError('until')} />
        <Select label={t('primary')} searchable data={team} value={primary} error={fieldError('primary')} onChange={setPrimary} />
        <Select label={t('backup')} searchable clearable data={team} value={backup} error={fieldError('backup')} onChange={setBackup} />
      </Form>
    </Dialog>
  );
}
