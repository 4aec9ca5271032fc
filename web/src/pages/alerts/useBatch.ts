// Changing alerts: one request for one, many, a group or all of a filter, and the
// server's own way back.
import '../../i18n/triage';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import type { AlertBatch, AlertBatchChange, AlertSelection } from '../../api/triageQueries';
import type { Alert } from '../../api/types';
import { offerUndo } from '../../kit/undo';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';

const shownMs = 12_000;
const readAgain = ['alerts', 'alert', 'overview', 'entity', 'exclusions'];

/** What a change is about, as the page that asks for it knows it. */
export interface Target {
  /** Several where several groups are chosen. */
  selections: AlertSelection[];
  /** From the answer the person looked at: what came later is left alone. */
  asOf?: string | undefined;
  /** The filter a group was shown with. */
  under?: Record<string, string> | undefined;
  count: number;
  /** Of them, how many somebody else has taken. */
  others?: number;
  /** What it is, where it is one thing. */
  title?: string | undefined;
  /** Where its alerts are found, where only a group of them is known: one alert, or what the queue is asked for. */
  finds?: ({ alert: string } | { filter: Record<string, string> })[];
  /** The alerts themselves, where they are known. */
  alerts?: readonly Alert[];
  /** An alert of the one rule they are of: an exclusion can be made from it. */
  example?: string | undefined;
  /** All of them were raised by the centre itself. */
  signals?: boolean;
}

export const targetOf = (alerts: readonly Alert[], title?: string): Target => {
  const [first] = alerts;
  const oneRule = first !== undefined && alerts.every((alert) => alert.ruleId === first.ruleId && !alert.signalKind);
  return {
    selections: chunks(alerts.map((alert) => alert.id)),
    count: alerts.length,
    title: alerts.length === 1 ? title : undefined,
    alerts,
    example: oneRule ? first.id : undefined,
    signals: alerts.length > 0 && alerts.every((alert) => alert.signalKind),
  };
};

const most = 500;

const chunks = (ids: string[]): AlertSelection[] =>
  Array.from({ length: Math.ceil(ids.length / most) }, (_, i) => ({ ids: ids.slice(most * i, most * (i + 1)) }));

interface Run {
  target: Target;
  change: AlertBatchChange;
  /** More to take back with it: the exclusion that was proposed together with it. */
  undo?: () => Promise<unknown>;
}

export function useBatch() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const client = useQueryClient();
  const errorText = useErrorText();
  const readAll = () => client.invalidateQueries({ predicate: (query) => readAgain.includes(String(query.queryKey[0])) });

  const why = ({ code, count }: AlertBatch['skipped'][number]) => {
    const key = `triage:skip.${code.replaceAll('.', '_')}`;
    return t(i18n.exists(key) ? (key as 'triage:skip.alert_others') : 'triage:skip.other', { count });
  };

  const announce = (batches: AlertBatch[], more: Run['undo']) => {
    const changed = batches.reduce((sum, batch) => sum + batch.changed, 0);
    const left = batches.reduce((sum, batch) => sum + batch.left, 0);
    const skipped = batches.flatMap((batch) => batch.skipped).filter((skip) => skip.count > 0);
    const action = batches[0]?.action ?? 'note';
    const parts = [t(`triage:did.${action}`, { count: changed }), ...skipped.map(why), ...(left > 0 ? [t('triage:did.left', { count: left })] : [])];
    if (changed === 0) {
      toast({ message: [t('triage:did.nothing'), ...parts.slice(1)].join(' '), autoClose: shownMs });
      return;
    }
    offerUndo(parts.join(' '), async () => {
      const undone: AlertBatch[] = [];
      for (const batch of batches.filter((one) => one.changed > 0)) {
        undone.push(await call<AlertBatch>(`/alerts/batches/${encodeURIComponent(batch.id)}/undo`, { method: 'POST' }));
      }
      await more?.();
      await readAll();
      const kept = undone.flatMap((batch) => batch.skipped);
      if (kept.length > 0) toast({ message: kept.map(why).join(' '), autoClose: shownMs });
    });
  };

  const mutation = useMutation({
    mutationFn: async ({ target, change, undo }: Run) => {
      const batches: AlertBatch[] = [];
      try {
        for (const select of target.selections) {
          const asOf = select.ids ? undefined : target.asOf;
          const expect = target.selections.length === 1 && !select.ids && !change.leaveOthers ? target.count : undefined;
          batches.push(await call<AlertBatch>('/alerts/batches', { method: 'POST', body: { select, asOf, expect, ...change } }));
        }
      } finally {
        // What was done before a failure is told, and can be taken back, all the same.
        if (batches.length > 0) announce(batches, undo);
      }
    },
    onSettled: () => void readAll(),
  });

  return {
    pending: mutation.isPending,
    /** For a dialog, which shows what went wrong itself. */
    run: (run: Run) => mutation.mutateAsync(run),
    /** At once, without a dialog. */
    now: (run: Run) => {
      mutation.mutate(run, {
        onError: (error) => {
          const words = errorText(error);
          toast({ color: 'red', title: words.title, message: words.remedy, autoClose: shownMs });
        },
      });
    },
  };
}
