import { Radio, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentsChanged, draftDocument } from '../../api/documentQueries';
import { copiesQuery } from '../../api/warningQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';

/** Drafts the letter of a warning that is out: one for all who have it, or one for a unit. */
export function LetterDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('warnings');
  const client = useQueryClient();
  const navigate = useNavigate();
  const copies = useQuery(copiesQuery(id)).data?.items ?? [];
  const [one, setOne] = useState(false);
  const [unit, setUnit] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () => draftDocument({ template: 'warning-letter', subjectKind: 'warning', subject: one && unit !== null ? `${id}/${unit}` : id }),
    onSuccess: async (made) => {
      void documentsChanged(client);
      await navigate({ to: '/documents/$id', params: { id: made.id } });
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t('letter')}>
      <Form error={save.error} submit={t('letter')} busy={save.isPending} disabled={one && unit === null} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t('letterText')}</Text>
        <Radio.Group label={t('letterFor')} value={one ? 'one' : 'all'} onChange={(value) => { setOne(value === 'one'); }}>
          <Stack gap="xs" mt={4}>
            <Radio value="all" label={t('letterAll', { count: copies.length })} />
            <Radio value="one" label={t('letterOne')} />
          </Stack>
        </Radio.Group>
        {one && (
          <Select label={t('unit')} searchable limit={80} data={copies.map((c) => ({ value: c.unit as string, label: c.unitName }))} value={unit} onChange={setUnit} />
        )}
      </Form>
    </Dialog>
  );
}
