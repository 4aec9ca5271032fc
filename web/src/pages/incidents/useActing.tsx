import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeIncident, type IncidentDetail, incidentChanged } from '../../api/incidentQueries';
import { useSession } from '../../app/session';
import type { Phase } from '../../lib/incidentParams';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';
import type { PartName } from './EditDialog';

const EditDialog = lazy(() => import('./EditDialog').then((m) => ({ default: m.EditDialog })));
const MoveDialog = lazy(() => import('./MoveDialog').then((m) => ({ default: m.MoveDialog })));
const MergeDialog = lazy(() => import('./MergeDialog').then((m) => ({ default: m.MergeDialog })));
const ExportDialog = lazy(() => import('./ExportDialog').then((m) => ({ default: m.ExportDialog })));

type Asked = { what: 'edit'; part: PartName } | { what: 'move'; to: Phase } | { what: 'merge' } | { what: 'export' };

/** What is done with an incident, wherever on its page: the dialogs, and who takes it. */
export function useActing(incident: IncidentDetail) {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
  };
  const take = useMutation({
    mutationFn: () => changeIncident(incident.id, incident.version, { lead: user.id }),
    onSuccess: () => incidentChanged(client),
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  return {
    take: () => {
      take.mutate();
    },
    taking: take.isPending,
    edit: (part: PartName) => {
      setAsked({ what: 'edit', part });
    },
    move: (to: Phase) => {
      setAsked({ what: 'move', to });
    },
    merge: () => {
      setAsked({ what: 'merge' });
    },
    export: () => {
      setAsked({ what: 'export' });
    },
    moved: (phase: Phase) => {
      toast({ message: t('move.done', { phase: t(`phase.${phase}`) }), autoClose: 4_000 });
    },
    dialogs: asked && (
      <Suspense fallback={null}>
        {asked.what === 'edit' && <EditDialog incident={incident} part={asked.part} onClose={close} />}
        {asked.what === 'move' && (
          <MoveDialog
            incident={incident}
            to={asked.to}
            onClose={close}
            onWrite={() => {
              setAsked({ what: 'edit', part: 'outcome' });
            }}
          />
        )}
        {asked.what === 'export' && <ExportDialog incident={incident} onClose={close} />}
        {asked.what === 'merge' && <MergeDialog incident={incident} onClose={close} />}
      </Suspense>
    ),
  };
}

export type Acting = ReturnType<typeof useActing>;
