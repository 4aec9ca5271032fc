import '../../i18n/incidents';

import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { Alert, AlertList } from '../../api/types';
import { openStatuses } from '../../lib/alertsParams';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import type { Target } from '../alerts/useBatch';
import { AddToIncident, OpenFromAlerts } from './FromAlerts';

/** As many alerts of a group as one dialog takes; more are added later. */
const most = 200;

async function read(target: Target, signal: AbortSignal): Promise<Alert[]> {
  const found: Alert[] = [];
  for (const where of target.finds ?? []) {
    if (found.length >= most) break;
    if ('alert' in where) found.push(await call<Alert>(`/alerts/${encodeURIComponent(where.alert)}`, { signal }));
    else found.push(...(await call<AlertList>('/alerts', { query: { status: openStatuses, ...where.filter, sort: '-level', limit: most }, signal })).items);
  }
  return [...new Map(found.map((alert) => [alert.id, alert])).values()].slice(0, most);
}

/** Alerts on their way into an incident: a new one, or one there is. Those of a group are looked up first. */
export function IncidentOfAlerts({ target, join, onClose }: { target: Target; join: boolean; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const query = useQuery({
    queryKey: ['alerts', 'for an incident', target.finds],
    queryFn: ({ signal }) => read(target, signal),
    enabled: target.alerts === undefined,
    staleTime: Infinity,
    gcTime: 0,
  });
  const alerts = target.alerts ?? query.data;
  if (alerts === undefined) {
    return (
      <Dialog opened onClose={onClose} size="xl" title={t(join ? 'open.addAction' : 'open.title')}>
        {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Rows count={4} />}
      </Dialog>
    );
  }
  const Open = join ? AddToIncident : OpenFromAlerts;
  const cut = target.alerts === undefined && target.count > alerts.length && (
    <Text size="sm" className="la-dim">
      {t('open.tooMany', { n: most })}
    </Text>
  );
  return <Open alerts={alerts} note={cut} onClose={onClose} />;
}
