import { Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconDownload, IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, importSoftware, type SoftwareImport } from '../../api/advisoryQueries';
import { url } from '../../api/client';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from './advisories.module.css';

/** A sheet of software: checked first, each cell that is wrong named, then stored whole. */
export function SheetDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'advisories']);
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
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
      <div className={css.drop}>
        <IconFileSpreadsheet size={28} aria-hidden="true" />
        {file && (
          <Text size="sm" fw={600}>
            {file.name}
          </Text>
        )}
        <Group justify="center" gap="xs" mt={4}>
          <Button size="xs" variant={file ? 'default' : 'filled'} data-autofocus onClick={() => picker.current?.click()}>
            {file ? t('advisories:sheet.other') : t('advisories:sheet.choose')}
          </Button>
          <Button size="xs" variant="subtle" component="a" download href={url('/software/sheet', { template: true, lang: i18n.language })} leftSection={<IconDownload size={15} />}>
            {t('advisories:sheet.template')}
          </Button>
        </Group>
        <VisuallyHidden>
          <input
            ref={picker}
            type="file"
            accept=".xlsx,.csv"
            tabIndex={-1}
            aria-label={t('advisories:sheet.choose')}
            onChange={(event) => {
              const chosen = event.currentTarget.files?.[0];
              event.currentTarget.value = '';
              if (!chosen) return;
              setFile(chosen);
              commit.reset();
              check.mutate(chosen);
            }}
          />
        </VisuallyHidden>
      </div>
      <div aria-live="polite">
        {check.isPending && (
          <>
            <Text size="sm" mt="sm">
              {t('advisories:sheet.checking')}
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
  const { t, i18n } = useTranslation('advisories');
  const counts = [
    ['new', result.new],
    ['changed', result.changed],
    ['unchanged', result.unchanged],
    ['errors', result.errors],
  ] as const;
  return (
    <>
      <div className={css.counts}>
        {counts.map(([name, count]) => (
          <div key={name}>
            <strong>{formatNumber(count, i18n.language)}</strong>
            {t(`sheet.${name}`)}
          </div>
        ))}
      </div>
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
      {result.problems.length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('sheet.problems')} style={{ maxHeight: 320, overflowY: 'auto' }}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('sheet.cell')}</th>
                <th>{t('sheet.problem')}</th>
              </tr>
            </thead>
            <tbody>
              {result.problems.map((p, i) => (
                <tr key={i}>
                  <td className="la-mono">{p.cell}</td>
                  <td className="la-wrap">
                    <Badge tone={p.severity === 'error' ? 'high' : 'low'}>{t(`sheet.${p.severity}`)}</Badge> {i18n.language === 'vi' ? p.textVi : p.textEn}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
