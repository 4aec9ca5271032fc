import '../../i18n/obligations';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Obligation, obligationQuery } from '../../api/obligationQueries';
import { DrillBand, DrillMark } from '../../kit/Drill';
import { type Column, List, type ListProps } from '../../kit/List';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Countdown } from './Countdown';
import { Notice } from './notices';
import { ObligationFacts, ObligationMarks } from './ObligationsOf';
import { StepButtons, Steps } from './Steps';

const tone = { pending: 'medium', prepared: 'low', sent: 'low', acknowledged: 'ok', withdrawn: 'informational' } as const;

type Props = Pick<
  ListProps<Obligation>,
  'items' | 'query' | 'filters' | 'filtered' | 'onClear' | 'empty' | 'open' | 'onOpen' | 'more' | 'group'
> & { label: string };

/** Obligations as a list with the preview of one. */
export function ObligationList(props: Props) {
  const { t, i18n } = useTranslation('obligations');
  const language = i18n.language;
  const columns = useMemo<Column<Obligation>[]>(() => {
    const title = (o: Obligation) => (language === 'vi' ? o.titleVi : o.title);
    return [
      {
        id: 'title',
        name: t('duty'),
        main: true,
        cell: title,
        under: (o) => <div className="la-dim">{o.subject.kind === 'date' ? (language === 'vi' ? o.recipient.vi : o.recipient.name) : `${o.subject.code} · ${o.subject.title}`}</div>,
      },
      { id: 'clock', name: t('timeLeft'), cell: (o) => <Countdown of={o} /> },
      { id: 'due', name: t('due'), cell: (o) => <Time at={o.dueAt} />, from: 'md' },
      {
        id: 'state',
        name: t('stateName'),
        cell: (o) => (
          <>
            <Badge tone={tone[o.state]}>{t(`state.${o.state}`)}</Badge>
            {o.drill && <DrillMark />}
            {o.doubtful && <Badge tone="medium">{t('doubtful')}</Badge>}
          </>
        ),
      },
      { id: 'unit', name: t('unit'), cell: (o) => o.unitName, from: 'sm' },
    ];
  }, [t, language]);
  // What is open stays named when a step has taken it out of the list.
  const open = useQuery({ ...obligationQuery(props.open ?? ''), enabled: props.open !== undefined }).data;
  return (
    <List<Obligation>
      {...props}
      openName={open && (language === 'vi' ? open.titleVi : open.title)}
      id={(o) => o.id}
      name={(o) => (language === 'vi' ? o.titleVi : o.title)}
      columns={columns}
      tone={(o) => (o.late && (o.state === 'pending' || o.state === 'prepared') ? 'critical' : undefined)}
      panel={(id) => <ObligationPanel key={id} id={id} />}
    />
  );
}

function ObligationPanel({ id }: { id: string }) {
  const { t } = useTranslation('obligations');
  const { data, error, isPending, refetch } = useQuery(obligationQuery(id));
  if (isPending) return <Rows count={5} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const { subject } = data;
  return (
    <>
      <Countdown of={data} />
      <ObligationMarks obligation={data} />
      <ObligationFacts obligation={data} unit />
      {(subject.kind === 'incident' || subject.kind === 'inspection') && (
        <LinkButton to={`/${subject.kind}s/${encodeURIComponent(subject.id)}` as '/'} size="xs" variant="default" mb="xs">
          {`${subject.code} · ${subject.title}`}
        </LinkButton>
      )}
      {data.missingYears.length > 0 && <Notice>{t('missing', { years: data.missingYears.join(', ') })}</Notice>}
      {data.doubtful && <Notice title={t('doubtful')}>{t('doubtfulText')}</Notice>}
      {data.drill && <DrillBand text={t('drillText')} />}
      <StepButtons obligation={data} />
      <h3 style={{ margin: '14px 0 4px', fontSize: 14 }}>{t('steps')}</h3>
      <Steps id={id} />
    </>
  );
}
