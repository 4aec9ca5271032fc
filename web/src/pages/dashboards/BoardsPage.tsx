import '../../i18n/boards';

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Board, boardsQuery } from '../../api/boardQueries';
import { call } from '../../api/client';
import { useMay } from '../../app/session';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { BoardDialog } from './BoardDialog';
import css from './boards.module.css';
import { useHow } from './useHow';

function Cards({ title, boards, none }: { title: string; boards: readonly Board[]; none?: string }) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  if (boards.length === 0 && !none) return null;
  return (
    <>
      <h2>{title}</h2>
      {boards.length === 0 && <p className="la-dim">{none}</p>}
      <ul className={css.boards}>
        {boards.map((board) => (
          <li key={board.id}>
            <Link to="/dashboards/$id" params={{ id: board.id }} className={`la-card ${css.board ?? ''}`}>
              <strong>{board.name[language]}</strong>
              <span>{board.about[language]}</span>
              <span className="la-dim" style={{ display: 'block', fontSize: 12 }}>
                {t('list.widgets', { count: board.widgets.length })} · {t(`ranges.${board.range}`)}
                {!board.builtIn && !board.mine && ` · ${t('sharedBy', { name: board.owner.displayName })}`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** All boards somebody sees. */
export function BoardsPage() {
  const { t } = useTranslation('boards');
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMay();
  const { data, error, refetch } = useQuery(boardsQuery);
  const [making, setMaking] = useState(false);
  const boards = data?.items ?? [];
  return (
    <div className={css.page}>
      <PageHeader title={t('list.title')}>
        {may('dashboard.edit') && (
          <Button
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setMaking(true);
            }}
          >
            {t('list.new')}
          </Button>
        )}
      </PageHeader>
      <p className="la-dim">{t('list.lead')}</p>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Rows count={4} />}
      {data && (
        <>
          <Cards title={t('builtIn')} boards={boards.filter((b) => b.builtIn)} />
          {may('dashboard.edit') && <Cards title={t('mine')} boards={boards.filter((b) => b.mine)} none={t('list.noMine')} />}
          <Cards title={t('shared')} boards={boards.filter((b) => !b.builtIn && !b.mine)} />
        </>
      )}
      {making && (
        <BoardDialog
          title={t('list.new')}
          facts={{ name: '', about: '', range: '24h', visibility: 'private' }}
          onClose={() => {
            setMaking(false);
          }}
          save={async (facts) => {
            const made = await call<Board>('/dashboards', { method: 'POST', body: { ...facts, name: facts.name.trim(), widgets: [] } });
            await client.invalidateQueries({ queryKey: boardsQuery.queryKey });
            void navigate({ to: '/dashboards/$id', params: { id: made.id } });
          }}
        />
      )}
    </div>
  );
}
