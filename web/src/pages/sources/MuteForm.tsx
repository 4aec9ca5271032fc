import { Checkbox, Group, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { muteSource } from '../../api/sourceQueries';
import { runBulk } from '../../kit/bulk';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';

/** Stops watching sources until a moment, for a reason. */
export function MuteForm({ ids, onDone }: { ids: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'sources']);
  const [until, setUntil] = useState<string>();
  const [reason, setReason] = useState('');
  const [silence, setSilence] = useState(false);
  const mute = useMutation({
    mutationFn: async (at: string) => {
      const body = { until: at, reason: reason.trim(), silence };
      const { failed } = await runBulk(ids, { run: (id) => muteSource(id, body) });
      if (failed[0]) throw failed[0].error;
    },
    onSuccess: onDone,
  });
  const fieldError = useFieldErrors(mute.error);
  return (
    <section>
      <Text size="sm" fw={600} component="h3">
        {t('sources:mute')}
      </Text>
      <Text size="xs" className="la-dim" mb={6}>
        {t('sources:muteText')}
      </Text>
      <Form
        error={mute.error}
        fields={['until', 'reason']}
        submit={t('sources:mute')}
        busy={mute.isPending}
        onSubmit={() => {
          if (until !== undefined) mute.mutate(until);
        }}
      >
        <Group gap="xs" align="flex-start">
          <MomentInput size="xs" label={t('sources:until')} required end value={until} onChange={setUntil} error={fieldError('until')} />
          <TextInput
            size="xs"
            label={t('sources:reason')}
            placeholder={t('sources:reasonExample')}
            required
            withAsterisk={false}
            error={fieldError('reason')}
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
            }}
            style={{ flex: '1 1 200px' }}
          />
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
      </Form>
    </section>
  );
}
