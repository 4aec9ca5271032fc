import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { url } from '../../api/client';
import { type Asked, exportsQuery, isUnderWay } from '../../api/searchQueries';
import { toast } from '../../ui/toast';

const ExportDialog = lazy(() => import('./ExportDialog').then((m) => ({ default: m.ExportDialog })));

interface Props {
  asked: Asked;
  order: 'asc' | 'desc';
  columns: readonly string[];
  total: number | undefined;
}

/** Leads to the exports; shows how far one is, and tells when a file is ready. */
export function ExportButton(props: Props) {
  const { t } = useTranslation('search');
  const [opened, dialog] = useDisclosure();
  const { data } = useQuery(exportsQuery);
  const running = data?.items.find(isUnderWay);

  const watched = useRef(new Set<string>());
  useEffect(() => {
    for (const job of data?.items ?? []) {
      if (isUnderWay(job)) watched.current.add(job.id);
      else if (watched.current.delete(job.id) && job.state === 'done' && !opened) {
        toast({
          autoClose: 15_000,
          message: (
            <a href={url(`/search/exports/${encodeURIComponent(job.id)}/file`)} download={job.fileName}>
              {t('export.ready', { name: job.fileName })}
            </a>
          ),
        });
      }
    }
  }, [data, opened, t]);

  return (
    <>
      <Button size="compact-sm" variant="default" leftSection={<IconDownload size={15} />} onClick={dialog.open}>
        {running ? t('export.buttonRunning', { percent: Math.floor(running.percent) }) : t('export.button')}
      </Button>
      {opened && (
        <Suspense fallback={null}>
          <ExportDialog {...props} onClose={dialog.close} />
        </Suspense>
      )}
    </>
  );
}
