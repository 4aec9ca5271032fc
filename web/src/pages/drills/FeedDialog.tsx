import { FileInput, Select, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Drill, feedDrill } from '../../api/drillQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';

/** Events of the scenario, sent on the way all events take. */
export function FeedDialog({ drill, onClose }: { drill: Drill; onClose: () => void }) {
  const { t } = useTranslation('drills');
  const client = useQueryClient();
  const [unit, setUnit] = useState<string>(drill.units[0]?.id ?? '');
  const [file, setFile] = useState<File | null>(null);
  const [lines, setLines] = useState('');
  const send = useMutation({
    mutationFn: () => feedDrill(client, drill.id, unit, file?.name ?? t('feedName'), file ?? new Blob([lines])),
    onSuccess: (fed) => {
      toast({ message: t('feedSent', { name: fed.name }) });
      onClose();
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t('feed')} size="lg">
      <Form error={send.error} submit={t('feedSend')} busy={send.isPending} disabled={unit === '' || (file === null && lines.trim() === '')} onCancel={onClose} onSubmit={() => { send.mutate(); }}>
        <Text size="sm">{t('feedText')}</Text>
        <Select
          label={t('feedUnit')}
          data={drill.units.map(({ id, name }) => ({ value: id, label: name }))}
          value={unit}
          allowDeselect={false}
          onChange={(value) => { setUnit(value ?? ''); }}
        />
        <FileInput label={t('feedFile')} clearable value={file} onChange={setFile} />
        <Textarea
          label={t('feedLines')}
          description={t('feedLinesHint')}
          autosize
          minRows={5}
          maxRows={12}
          disabled={file !== null}
          value={lines}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
          onChange={(event) => { setLines(event.currentTarget.value); }}
        />
      </Form>
    </Dialog>
  );
}
