import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, importSoftware, type SoftwareImport } from '../../api/advisoryQueries';
import { url } from '../../api/client';
import { SheetCounts, SheetFile, SheetProblems } from '../../kit/SheetFile';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

/** A sheet of software: checked first, each cell that is wrong named, then stored whole. */
export function SheetDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'advisories', 'kit']);
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const check = useMutation({ mutationFn: (chosen: File) => importSoftware(chosen, true) });
  const commit = useMutation({
    mutationFn: (chosen: File) => importSoftware(chosen, false),
    onSuccess: async (done) => {
      await advisoriesChanged(client);
      toast({ message: t('advisories:sheet.done', { count: done.new + done.changed }) });
      onClose();
    },
  });
  const result = check.isPending ? undefined : check.data;
  const changes = result ? result.new + result.changed : 0;
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('advisories:sheet.title')}>
      <Text size="sm" mb="sm">
        {t('advisories:sheet.text')}
      </Text>
      <SheetFile
        file={file}
        accept=".xlsx,.csv"
        template={url('/software/sheet', { template: true, lang: i18n.language })}
        onFile={(chosen) => {
          setFile(chosen);
          commit.reset();
          check.mutate(chosen);
        }}
      />
      <div aria-live="polite">
        {check.isPending && (
          <>
            <Text size="sm" mt="sm">
              {t('kit:sheetFile.checking')}
            </Text>
            <Rows count={2} />
          </>
        )}
        {check.error && <ErrorState error={check.error} />}
        {result && <Result result={result} />}
      </div>
      {commit.error && <ErrorState error={commit.error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button
          loading={commit.isPending}
          disabled={!file || !result || result.errors > 0 || changes === 0}
          onClick={() => {
            if (file) commit.mutate(file);
          }}
        >
          {t('advisories:sheet.commit', { count: changes })}
        </Button>
      </Group>
    </Dialog>
  );
}

function Result({ result }: { result: SoftwareImport }) {
  const { t } = useTranslation('advisories');
  const counts = [
    ['new', result.new],
    ['changed', result.changed],
    ['unchanged', result.unchanged],
    ['errors', result.errors],
  ] as const;
  return (
    <>
      <SheetCounts counts={counts.map(([name, count]) => [t(`sheet.${name}`), count] as const)} />
      {result.errors > 0 && (
        <Text size="sm" mt="sm" fw={600}>
          {t('sheet.mend')}
        </Text>
      )}
      {result.errors === 0 && result.new + result.changed === 0 && (
        <Text size="sm" mt="sm">
          {t('sheet.nothing')}
        </Text>
      )}
      <SheetProblems problems={result.problems.map((p) => ({ cell: p.cell, warning: p.severity === 'warning', vi: p.textVi, en: p.textEn }))} />
    </>
  );
}
