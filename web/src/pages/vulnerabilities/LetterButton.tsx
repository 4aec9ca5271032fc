import { Button } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { documentsChanged, draftDocument } from '../../api/documentQueries';
import { ErrorState } from '../../ui/State';

/** Begins the letter that tells a unit what is open there and what to do. */
export const draftLetter = (unit: string) => draftDocument({ template: 'vulnerability-letter', subjectKind: 'vulnerabilities', subject: unit });

/** Begins it and goes there. */
export function LetterButton({ unit }: { unit: string }) {
  const { t } = useTranslation('vulnerabilities');
  const client = useQueryClient();
  const navigate = useNavigate();
  const draft = useMutation({
    mutationFn: () => draftLetter(unit),
    onSuccess: async (made) => {
      await documentsChanged(client);
      await navigate({ to: '/documents/$id', params: { id: made.id } });
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconMail size={15} />}
        loading={draft.isPending}
        onClick={() => {
          draft.mutate();
        }}
      >
        {t('letter.one')}
      </Button>
      {draft.error && <ErrorState error={draft.error} />}
    </>
  );
}
