import '../../i18n/standing';

import { Button, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { criticalQuery, stepCritical, systemLayersQuery, writeLayer } from '../../api/standingQueries';
import { useMay } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { DayInput } from '../units/fields';
import { showDay } from '../units/tree';
import { Gate } from './Gate';
import { Layers } from './Layers';
import css from './standing.module.css';
import { useSaved } from './useSaved';

/** How a system stands to the four layers, to the go-live gate and to the list of critical systems. */
export function SystemLayersTab({ system }: { system: { id: string } }) {
  return (
    <>
      <Gate id={system.id} />
      <OfSystem id={system.id} />
      <Critical id={system.id} />
    </>
  );
}

function OfSystem({ id }: { id: string }) {
  const query = useQuery(systemLayersQuery(id));
  if (query.isPending) return <Rows count={4} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return <Layers of={query.data} write={(layer, facts, version) => writeLayer(id, layer, facts, version)} />;
}

const nextSteps = { '': ['nominated'], nominated: ['listed', 'removed'], listed: ['removed'], removed: ['nominated'] } as const;
type CriticalState = 'nominated' | 'listed' | 'removed';

function Critical({ id }: { id: string }) {
  const { t } = useTranslation('standing');
  const may = useMay();
  const [asked, setAsked] = useState<CriticalState>();
  const query = useQuery(criticalQuery(id));
  if (query.isPending) return <Rows count={2} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const c = query.data.critical;
  return (
    <section className={`la-card ${css.section ?? ''}`} aria-label={t('critical.title')}>
      <div className={css.line}>
        <strong>{t('critical.title')}</strong>
        {c && <Badge tone={c.state === 'listed' ? 'critical' : 'medium'}>{t(`critical.state.${c.state}`)}</Badge>}
        {may('readiness.nominate') &&
          nextSteps[c?.state ?? ''].map((state) => (
            <Button key={state} size="compact-sm" variant="default" onClick={() => { setAsked(state); }}>
              {t(`critical.step.${state}`)}
            </Button>
          ))}
      </div>
      <Text size="sm">{t('critical.text')}</Text>
      {!c && <Text size="sm" className="la-dim">{t('critical.never')}</Text>}
      <ul>
        {c?.steps.map((s) => (
          <li key={s.at}>
            {t(`critical.state.${s.state as CriticalState}`)} · {s.document} · {showDay(s.day)} <span className="la-dim">{s.by.displayName} · <Time at={s.at} /></span>
            {s.note && <div className={css.text}>{s.note}</div>}
          </li>
        ))}
      </ul>
      {c !== null && c.year > 0 && <Text size="sm">{t('critical.selfCheck', { year: c.year })}</Text>}
      {asked && <CriticalDialog id={id} state={asked} version={c?.version ?? 0} onClose={() => { setAsked(undefined); }} />}
    </section>
  );
}

function CriticalDialog({ id, state, version, onClose }: { id: string; state: CriticalState; version: number; onClose: () => void }) {
  const { t } = useTranslation('standing');
  const [d, setD] = useState({ document: '', day: '', note: '' });
  const set = (change: Partial<typeof d>) => { setD((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => stepCritical(id, { ...d, state, version }), onSuccess: saved });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(`critical.step.${state}`)}>
      <Form error={save.error} fields={Object.keys(d)} submit={t('critical.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <TextInput label={t('critical.document')} data-autofocus maxLength={300} value={d.document} error={error('document')} onChange={(e) => { set({ document: e.currentTarget.value }); }} />
        <DayInput label={t('critical.day')} value={d.day} error={error('day')} onChange={(day) => { set({ day }); }} />
        <Textarea label={t('critical.note')} autosize minRows={1} maxLength={4000} value={d.note} error={error('note')} onChange={(e) => { set({ note: e.currentTarget.value }); }} />
      </Form>
    </Dialog>
  );
}
