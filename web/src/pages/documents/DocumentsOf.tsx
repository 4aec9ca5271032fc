import '../../i18n/documents';

import { Button, Group } from '@mantine/core';
import { IconFileText, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentPagesQuery } from '../../api/documentQueries';
import { useMay } from '../../app/session';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { DocumentItems } from './marks';
import { NewDocument } from './NewDocument';

/** The documents about one matter, and the button that begins another. */
export function DocumentsOf({ subject }: { subject: { kind: string; id: string }; unit: string }) {
  const { t } = useTranslation('documents');
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const query = useInfiniteQuery(documentPagesQuery({ subjectKind: subject.kind, subject: subject.id }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section aria-label={t('title')}>
      {may('document.draft') && (
        <Group justify="flex-end" mb="sm">
          <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setAdding(true); }}>
            {t('new')}
          </Button>
        </Group>
      )}
      {query.isPending && <Rows count={4} />}
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && items.length === 0 && <EmptyState icon={<IconFileText size={32} />} title={t('noneHere')} text={t('noneHereText')} />}
      <DocumentItems items={items} />
      {query.hasNextPage && (
        <Button mt="sm" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      {adding && <NewDocument subject={subject} onClose={() => { setAdding(false); }} />}
    </section>
  );
}
