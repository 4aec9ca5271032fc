import { Button } from '@mantine/core';
import { IconRefresh, IconServer2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import type { Level } from '../../api/types';
import { LevelBadge } from '../../kit/badges';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { PlainText } from '../../kit/PlainText';
import { by } from '../../kit/text';
import { offerUndo } from '../../kit/undo';
import { levels } from '../../lib/levels';
import { Code } from '../../ui/Copy';
import { ErrorState, Rows } from '../../ui/State';
import { Part } from './Part';
import css from './style.module.css';

interface Host {
  name: string;
  unit: string;
  level: Level;
}

const idOf = (host: Host) => host.name;
const done = () => Promise.resolve();
const ready = { isPending: false, error: null, refetch: done };

/** A list at work, and what is shown instead of one; dialogs, toasts, copying. */
export function Work() {
  const { t } = useTranslation(['translation', 'style']);
  const [sort, setSort] = useState<string>();
  const [open, setOpen] = useState<string>();
  const [asking, setAsking] = useState(false);
  const units = t('style:units', { returnObjects: true }) as string[];
  const hosts: Host[] = units.map((unit, i) => ({ name: `may-chu-${String(i + 1)}`, unit, level: levels[i] ?? 'low' }));
  const columns: Column<Host>[] = [
    { id: 'level', name: t('style:levels'), cell: (host) => <LevelBadge level={host.level} /> },
    { id: 'host', name: t('style:host'), main: true, compare: by(idOf), cell: idOf },
    { id: 'unit', name: t('style:unit'), compare: by((host) => host.unit), cell: (host) => host.unit },
  ];
  return (
    <>
      <Part title={t('style:list')}>
        <List
          label={t('style:list')}
          items={hosts}
          id={idOf}
          name={idOf}
          columns={columns}
          query={ready}
          empty={null}
          sort={sort}
          onSort={setSort}
          open={open}
          onOpen={setOpen}
          tone={(host) => host.level}
          bulk={[
            {
              id: 'check',
              name: t('style:restart'),
              icon: <IconRefresh size={14} />,
              run: (host) => (host.level === 'high' ? Promise.reject(new ApiError(409, { detail: t('style:refused') })) : done()),
            },
          ]}
        />
        <div className="la-card">
          <EmptyState
            icon={<IconServer2 size={34} />}
            title={t('style:empty')}
            text={t('style:emptyText')}
            steps={[t('style:step1'), t('style:step2')]}
          >
            <Button variant="default">{t('style:main')}</Button>
          </EmptyState>
        </div>
      </Part>
      <Part title={t('style:failure')}>
        <ErrorState error={new ApiError(503, {})} retry={done} />
      </Part>
      <Part title={t('style:loading')}>
        <div className="la-card">
          <Rows count={3} />
        </div>
      </Part>
      <Part title={t('style:dialogs')}>
        <div className={css.row}>
          <Button
            color="red"
            variant="outline"
            onClick={() => {
              setAsking(true);
            }}
          >
            {t('style:ask')}
          </Button>
          <Button
            variant="default"
            onClick={() => {
              offerUndo(t('style:changed'), done);
            }}
          >
            {t('style:change')}
          </Button>
        </div>
        {asking && (
          <ConfirmDialog
            title={t('style:ask')}
            text={t('style:askText')}
            confirm={t('style:ask')}
            danger
            reason="required"
            onConfirm={done}
            onClose={() => {
              setAsking(false);
            }}
          />
        )}
      </Part>
      <Part title={t('style:copy')}>
        <Code text="src_ip:198.51.100.7 AND outcome:failure" wrap label={t('style:copy')} />
        <PlainText text={t('style:written')} />
      </Part>
    </>
  );
}
