import '../../i18n/triage';

import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { offerUndo } from '../../kit/undo';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { ExclusionFields, useExclusion } from './ExclusionFields';

interface Props {
  alertId: string;
  onClose: () => void;
}

const shortest = 5;

/** Makes an exclusion from an alert that was a false positive. */
export function ExcludeDialog({ alertId, onClose }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const exclusion = useExclusion(alertId);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const words = reason.trim();
  const propose = useMutation({
    mutationFn: (act: boolean) => exclusion.propose(words, act),
    onSuccess: (made) => {
      offerUndo(t(made.state === 'active' ? 'triage:exclude.acting' : 'triage:exclude.proposed'), () => exclusion.withdraw(made, t('triage:exclude.undone')));
      onClose();
    },
  });
  const missing = words.length < shortest;
  const send = (act: boolean) => {
    setAsked(true);
    if (!missing && exclusion.ready) propose.mutate(act);
  };
  const { draft } = exclusion;
  return (
    <Dialog opened onClose={onClose} title={t('triage:exclude.title')} size="lg">
      {draft.isPending && <Rows count={8} />}
      {draft.error && <ErrorState error={draft.error} />}
      {draft.data && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send(false);
          }}
        >
          <Stack gap="sm">
            <ExclusionFields state={exclusion} asked={asked} />
            <Textarea
              label={t('triage:exclude.reason')}
              placeholder={t('triage:exclude.reasonHint')}
              autosize
              minRows={2}
              maxLength={2_000}
              value={reason}
              error={asked && missing ? t('triage:close.whyHarmless') : undefined}
              onChange={(event) => {
                setReason(event.currentTarget.value);
              }}
            />
            {propose.error && <ErrorState error={propose.error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              {draft.data.mayApprove && (
                <Button
                  variant="default"
                  loading={propose.isPending}
                  onClick={() => {
                    send(true);
                  }}
                >
                  {t('triage:exclude.act')}
                </Button>
              )}
              <Button type="submit" loading={propose.isPending}>
                {t('triage:exclude.propose')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
