import { ActionIcon, Menu, Skeleton } from '@mantine/core';
import { IconChartBar, IconDotsVertical, IconFileTypeCsv, IconInfoCircle, IconMoodCheck, IconPhoto, IconTable } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import type { Figure, Widget, WidgetKind } from '../../api/boardQueries';
import { figureCsv } from '../../lib/figures';
import { formatTime } from '../../lib/time';
import { useErrorText } from '../../ui/errors';
import { AppLink } from './AppLink';
import css from './boards.module.css';
import { FigureChart } from './FigureChart';
import { FigureTable } from './FigureTable';
import { Headline, NumberFigure } from './NumberFigure';
import { useHow } from './useHow';

interface Props {
  widget: Widget;
  kind: WidgetKind | undefined;
  figure: Figure | undefined;
  /** What stands before the title while the board is changed. */
  before?: React.ReactNode;
  after?: React.ReactNode;
  editing: boolean;
}

export function nameOf(widget: Widget, kind: WidgetKind | undefined, language: 'vi' | 'en'): string {
  return widget.title || kind?.name[language] || widget.kind;
}

function Problem({ figure }: { figure: Figure }) {
  const text = useErrorText()(new ApiError(422, { code: figure.problem?.code ?? '' }));
  return (
    <div className={css.problem} role="note">
      <strong>{text.title}</strong>
      <span>{text.remedy}</span>
    </div>
  );
}

function Body({ widget, kind, figure, table, name }: { widget: Widget; kind: WidgetKind; figure: Figure; table: boolean; name: string }) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  if (figure.problem) return <Problem figure={figure} />;
  if (figure.text) return <p className={css.sentence}>{figure.text[language]}</p>;
  if (table) return <FigureTable figure={figure} name={name} />;
  if (kind.form === 'number') return <NumberFigure figure={figure} lines={widget.h > 1} />;
  const head = figure.value !== undefined && <Headline figure={figure} />;
  const empty = figure.rows.length === 0;
  return (
    <div className={css.chartBody}>
      {head}
      {figure.note && <p className={css.note}>{figure.note[language]}</p>}
      {empty ? (
        <p className={css.empty}>
          <IconMoodCheck size={18} aria-hidden="true" /> {t('figure.empty')}
        </p>
      ) : kind.form === 'table' ? (
        <FigureTable figure={figure} name={name} />
      ) : (
        <div className={css.chart}>
          <FigureChart figure={figure} form={kind.form} name={name} />
        </div>
      )}
    </div>
  );
}

export function WidgetCard({ widget, kind, figure, before, after, editing }: Props) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  const card = useRef<HTMLElement>(null);
  const [flipped, setFlipped] = useState(false);
  const [about, setAbout] = useState(false);
  const name = nameOf(widget, kind, language);
  const drawn = kind !== undefined && kind.form !== 'table' && kind.form !== 'text';
  const table = drawn && (widget.display === 'table') !== flipped;
  const tabular = (figure?.columns.length ?? 0) > 0 && !figure?.problem;

  const savePng = async () => {
    const { download, fileName, pictureOf } = await import('./paint');
    if (card.current) download(await pictureOf(card.current, `${name} · ${formatTime(new Date())}`), `${fileName(name)}.png`);
  };
  const saveCsv = async () => {
    const { download, fileName } = await import('./paint');
    if (figure) download(new Blob([figureCsv(figure, language)], { type: 'text/csv;charset=utf-8' }), `${fileName(name)}.csv`);
  };

  return (
    <section
      ref={card}
      className={`la-card ${css.card ?? ''}`}
      aria-label={name}
      data-widget={widget.id}
      data-editing={editing || undefined}
      style={{ '--w': widget.w, '--h': widget.h } as React.CSSProperties}
    >
      <header className={css.cardHead}>
        {before}
        <h2 className={css.title}>
          {figure?.link && !editing ? (
            <AppLink href={figure.link} aria-label={t('figure.open', { name })}>
              {name}
            </AppLink>
          ) : (
            name
          )}
          {(kind?.now || widget.range) && (
            <span className={css.when}>{kind?.now ? t('now') : t('ownRange', { range: t(`ranges.${(widget.range ?? '24h') as '24h'}`) })}</span>
          )}
        </h2>
        <span className={css.tools} data-unpainted="">
          {editing ? (
            after
          ) : (
            <>
              {drawn && tabular && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${table ? t('figure.chart') : t('figure.table')}: ${name}`}
                  data-tip={table ? t('figure.chart') : t('figure.table')}
                  aria-pressed={table}
                  onClick={() => {
                    setFlipped(!flipped);
                  }}
                >
                  {table ? <IconChartBar size={16} /> : <IconTable size={16} />}
                </ActionIcon>
              )}
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('figure.menu', { name })}>
                    <IconDotsVertical size={16} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    leftSection={<IconInfoCircle size={16} />}
                    onClick={() => {
                      setAbout(!about);
                    }}
                  >
                    {t('figure.about')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconFileTypeCsv size={16} />} disabled={!tabular} onClick={() => void saveCsv()}>
                    {t('figure.csv')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => void savePng()}>
                    {t('figure.png')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </>
          )}
        </span>
      </header>
      {about && kind && <p className={css.about}>{kind.about[language]}</p>}
      <div className={css.body}>
        {figure && kind ? <Body widget={widget} kind={kind} figure={figure} table={table} name={name} /> : <CardSkeleton />}
      </div>
      {figure?.total !== undefined && figure.total > figure.rows.length && (
        <p className={css.foot}>{t('figure.shown', { shown: figure.rows.length, total: figure.total })}</p>
      )}
    </section>
  );
}

function CardSkeleton() {
  return (
    <div aria-hidden="true" className={css.skeleton}>
      <Skeleton height={28} width="45%" />
      <Skeleton height={10} width="80%" />
      <Skeleton height={10} width="65%" />
      <Skeleton height={10} width="72%" />
    </div>
  );
}
