import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { muteSource } from '../../api/sourceQueries';
import { runBulk } from '../../kit/bulk';
import { ErrorState } from '../../ui/State';

/** Stops watching sources until a moment, for a reason. */
export function MuteForm({ ids, onDone }: { ids: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'sources']);
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const [silence, setSilence] = useState(false);
  const mute = useMutation({
    mutationFn: async () => {
      const body = { until: new Date(until).toISOString(), reason: reason.trim(), silence };
      const { failed } = await runBulk(ids, { run: (id) => muteSource(id, body) });
      if (failed[0]) throw failed[0].error;
    },
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mute.mutate();
      }}
    >
      <Text size="sm" fw={600} component="h3">
        {t('sources:mute')}
      </Text>
      <Text size="xs" className="la-dim" mb={6}>
        {t('sources:muteText')}
      </Text>
      <Stack gap="xs">
        {mute.isError && <ErrorState error={mute.error} />}
        <Group gap="xs" align="flex-end">
          <TextInput
            size="xs"
            type="datetime-local"
            label={t('sources:until')}
            required
            withAsterisk={false}
            value={until}
            onChange={(event) => {
              setUntil(event.currentTarget.value);
            }}
          />
          <TextInput
            size="xs"
            label={t('sources:reason')}
            placeholder={t('sources:reasonExample')}
            required
            withAsterisk={false}
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
            }}
            style={{ flex: '1 1 200px' }}
          />
          <Button type="submit" size="xs" variant="default" loading={mute.isPending}>
            {t('sources:mute')}
          </Button>
        </Group>
        <Checkbox
          size="xs"
          label={t('sources:planned')}
          description={t('sources:plannedText')}
          checked={silence}
          onChange={(event) => {
            setSilence(event.currentTarget.checked);
          }}
        />
      </Stack>
    </form>
  );
}
