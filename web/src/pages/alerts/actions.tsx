// Changing alerts: one mutation for one or many, with a way back.
import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import '../../i18n/triage';

import { call } from '../../api/client';
import type { Alert, AlertChange, AlertDetail, BulkResult } from '../../api/types';
import { undoSteps } from '../../lib/undo';
import { useErrorText } from '../../ui/errors';
import { hideToast, toast } from '../../ui/toast';

const undoMs = 12_000;

export function useAlertActions() {
  const { t } = useTranslation(['translation', 'triage']);
  const client = useQueryClient();
  const errorText = useErrorText();

  const settle = (alerts: Alert[]) => {
    for (const alert of alerts) {
      client.setQueryData<AlertDetail>(['alert', alert.id], (known) => known && { ...known, ...alert });
    }
    void client.invalidateQueries({ queryKey: ['alerts'] });
    void client.invalidateQueries({ queryKey: ['overview'] });
    for (const alert of alerts) void client.invalidateQueries({ queryKey: ['alert', alert.id], exact: true });
  };

  const fail = (error: unknown) => {
    const words = errorText(error);
    toast({ color: 'red', title: words.title, message: words.remedy, autoClose: undoMs });
    void client.invalidateQueries({ queryKey: ['alerts'] });
    void client.invalidateQueries({ queryKey: ['alert'] });
  };

  const undo = async (before: Alert[]) => {
    try {
      for (const step of undoSteps(before)) {
        const { alerts } = await call<BulkResult>('/alerts/bulk', { method: 'POST', body: step });
        settle(alerts);
      }
      toast({ message: t('alerts.undone'), autoClose: 4_000 });
    } catch (error) {
      fail(error);
    }
  };

  // The server takes 500 at once, changes what it can, and says of the rest why not.
  const many = async (ids: string[], change: AlertChange): Promise<Alert[]> => {
    const changed: Alert[] = [];
    const failed: BulkResult['failed'] = [];
    for (let at = 0; at < ids.length; at += 500) {
      const body = { ids: ids.slice(at, at + 500), partial: true, ...change };
      const result = await call<BulkResult>('/alerts/bulk', { method: 'POST', body });
      changed.push(...result.alerts);
      failed.push(...result.failed);
    }
    const [first] = failed;
    if (first) toast({ color: 'red', message: t('triage:bulk.failed', { count: failed.length, why: first.message }), autoClose: undoMs });
    return changed;
  };

  const mutation = useMutation({
    mutationFn: async ({ alerts, change }: { alerts: Alert[]; change: AlertChange; done: string }) => {
      const [only] = alerts;
      if (alerts.length === 1 && only) {
        const body = { ...change, version: only.version };
        return [await call<Alert>(`/alerts/${encodeURIComponent(only.id)}`, { method: 'PATCH', body })];
      }
      return many(alerts.map((alert) => alert.id), change);
    },
    onSuccess: (changed, { alerts, done }) => {
      settle(changed);
      if (changed.length === 0) return;
      const ids = new Set(changed.map((alert) => alert.id));
      const id = toast({
        autoClose: undoMs,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">{done}</Text>
            <Button
              size="compact-sm"
              variant="light"
              onClick={() => {
                hideToast(id);
                void undo(alerts.filter((alert) => ids.has(alert.id)));
              }}
            >
              {t('action.undo')}
            </Button>
          </Group>
        ),
      });
    },
    onError: fail,
  });

  return {
    pending: mutation.isPending,
    change: (alerts: Alert[], change: AlertChange, done: string, after?: () => void) => {
      if (alerts.length === 0) return;
      mutation.mutate({ alerts, change, done }, { onSuccess: after });
    },
  };
}
