import '../../i18n/incidents';

import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { type Target, useBatch } from './useBatch';

const CloseDialog = lazy(() => import('./CloseDialog').then((m) => ({ default: m.CloseDialog })));
const ExcludeDialog = lazy(() => import('./ExcludeDialog').then((m) => ({ default: m.ExcludeDialog })));
const NoteDialog = lazy(() => import('./NoteDialog').then((m) => ({ default: m.NoteDialog })));
const AssignDialog = lazy(() => import('./NoteDialog').then((m) => ({ default: m.AssignDialog })));
const IncidentOfAlerts = lazy(() => import('../incidents/IncidentOfAlerts').then((m) => ({ default: m.IncidentOfAlerts })));
const PostponeDialog = lazy(() => import('./PostponeDialog').then((m) => ({ default: m.PostponeDialog })));

interface Asked {
  what: 'take' | 'note' | 'assign' | 'close' | 'postpone' | 'exclude' | 'incident' | 'join';
  target: Target;
  /** What a close begins with: how such alerts were closed before. */
  begin?: { reason: string; note: string } | undefined;
}

/** What is done with alerts, on every page that shows some: the dialogs, and the way back. */
export function useTriage() {
  const { t } = useTranslation('incidents');
  const may = useMay();
  const batch = useBatch();
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
  };
  const ask = (what: Asked['what']) => (target: Target) => {
    if (target.count > 0) setAsked({ what, target });
  };
  const target = asked?.target;
  const incidentActions = [
    ...(may('incident.open') ? [{ id: 'incident', name: t('open.action'), key: 'i', run: ask('incident') }] : []),
    ...(may('incident.handle') ? [{ id: 'join', name: t('open.addAction'), key: 'I', run: ask('join') }] : []),
  ];
  return {
    /** To make them an incident, or part of one. */
    incidentActions,
    may: may('alert.triage'),
    mayExclude: may('exclusion.propose'),
    pending: batch.pending,
    /** One at once, since it is easily taken back; of many it is said first how many. */
    take: (target: Target) => {
      if (target.count === 1) batch.now({ target, change: { assigneeId: 'me', status: 'in_progress' } });
      else ask('take')(target);
    },
    note: ask('note'),
    assign: ask('assign'),
    postpone: ask('postpone'),
    exclude: ask('exclude'),
    close: (target: Target, begin?: Asked['begin']) => {
      if (target.count > 0) setAsked({ what: 'close', target, begin });
    },
    unassign: (target: Target) => {
      batch.now({ target, change: { assigneeId: null } });
    },
    reopen: (target: Target) => {
      batch.now({ target, change: { status: 'in_progress' } });
    },
    renew: (target: Target) => {
      batch.now({ target, change: { status: 'new', assigneeId: null } });
    },
    resume: (target: Target) => {
      batch.now({ target, change: { postpone: {} } });
    },
    dialogs: asked && target && (
      <Suspense fallback={null}>
        {asked.what === 'close' && <CloseDialog target={target} begin={asked.begin} run={batch.run} onClose={close} />}
        {(asked.what === 'note' || asked.what === 'take') && <NoteDialog take={asked.what === 'take'} target={target} run={batch.run} onClose={close} />}
        {asked.what === 'assign' && <AssignDialog target={target} run={batch.run} onClose={close} />}
        {asked.what === 'postpone' && <PostponeDialog target={target} run={batch.run} onClose={close} />}
        {(asked.what === 'incident' || asked.what === 'join') && <IncidentOfAlerts target={target} join={asked.what === 'join'} onClose={close} />}
        {asked.what === 'exclude' && target.example !== undefined && <ExcludeDialog alertId={target.example} onClose={close} />}
      </Suspense>
    ),
  };
}

export type Triage = ReturnType<typeof useTriage>;
export type RunBatch = ReturnType<typeof useBatch>['run'];
