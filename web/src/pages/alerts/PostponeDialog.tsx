import '../../i18n/triage';

import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { About } from './NoteDialog';
import type { Target } from './useBatch';
import type { RunBatch } from './useTriage';

const choices = ['hours4', 'tomorrow', 'week'] as const;
type Choice = (typeof choices)[number];

/** The moment a choice means: times of day are Vietnam's. */
function momentOf(choice: Choice): string {
  const hour = 3_600_000;
  const now = Date.now();
  if (choice === 'hours4') return new Date(now + 4 * hour).toISOString();
  if (choice === 'week') return new Date(now + 7 * 24 * hour).toISOString();
  const day = new Date(now + 31 * hour).toISOString().slice(0, 10);
  return new Date(`${day}T08:00:00+07:00`).toISOString();
}

/** Puts alerts off the list of today until a moment, with the reason. */
export function PostponeDialog({ target, run, onClose }: { target: Target; run: RunBatch; onClose: () => void }) {
  const { t } = useTranslation(['translation', 'triage']);
  const [choice, setChoice] = useState<Choice>('hours4');
  return (
    <ConfirmDialog
      title={t('triage:today.postponeTitle')}
      text={
        <>
          <About target={target} />
          {t('triage:today.postponeText')}
        </>
      }
      confirm={t('triage:today.postpone')}
      reason="required"
      reasonHint={t('triage:today.postponeHint')}
      onConfirm={(note) => run({ target, change: { postpone: { until: momentOf(choice), note } } })}
      onClose={onClose}
    >
      <Radio.Group
        label={t('triage:today.until')}
        value={choice}
        onChange={(value) => {
          setChoice(choices.find((c) => c === value) ?? 'hours4');
        }}
      >
        <Stack gap={6} mt={6}>
          {choices.map((value) => (
            <Radio key={value} value={value} label={t(`triage:today.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}
