import { Button, Group, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { CloseReason } from '../../api/types';
import { reasons } from '../../lib/levels';
import { Dialog } from '../../ui/Dialog';

interface Props {
  count: number;
  pending: boolean;
  onCancel: () => void;
  onClose: (reason: CloseReason, note: string) => void;
}

/** Closing always says why, in the same dialog. */
export function CloseDialog({ count, pending, onCancel, onClose }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<CloseReason>();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const noteMissing = reason === 'other' && note.trim() === '';
  return (
    <Dialog opened onClose={onCancel} title={t('alerts.closeTitle', { count })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (reason && !noteMissing) onClose(reason, note.trim());
        }}
      >
        <Stack gap="sm">
          <Radio.Group
            label={t('alerts.why')}
            value={reason ?? ''}
            onChange={(value) => {
              setReason(reasons.find((r) => r === value));
            }}
            error={tried && !reason ? t('alerts.chooseReason') : undefined}
          >
            <Stack gap={8} mt={8}>
              {reasons.map((value, i) => (
                <Radio
                  key={value}
                  value={value}
                  data-autofocus={i === 0 || undefined}
                  label={t(`reason.${value}`)}
                  description={t(`reasonText.${value}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Textarea
            label={t('alerts.note')}
            placeholder={t('alerts.notePlaceholder')}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={4000}
            value={note}
            error={tried && noteMissing ? t('alerts.noteNeeded') : undefined}
            onChange={(event) => {
              setNote(event.currentTarget.value);
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={pending}>
              {t('alerts.close')}
            </Button>
          </Group>
          <Text size="xs" className="la-dim">
            {t('alerts.closeHint')}
          </Text>
        </Stack>
      </form>
    </Dialog>
  );
}
