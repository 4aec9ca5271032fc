import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { url } from '../../api/client';
import { importUnits, type UnitImport, unitsChanged } from '../../api/unitQueries';
import { SheetCounts, SheetFile, SheetPart, SheetProblems } from '../../kit/SheetFile';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

const rowsShown = 100;

/** A workbook: checked first, each cell that is wrong named, then stored whole. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'units', 'kit']);
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const check = useMutation({ mutationFn: (chosen: File) => importUnits(chosen) });
  const commit = useMutation({
    mutationFn: ({ chosen, checked }: { chosen: File; checked: UnitImport }) => importUnits(chosen, { sha256: checked.sha256, tree: checked.tree }),
    onSuccess: async (done) => {
      await unitsChanged(client);
      toast({ message: t('units:im.done', { count: done.new + done.changed }) });
      onClose();
    },
  });
  const result = check.data;
  const changes = result ? result.new + result.changed : 0;
  return (
    <Dialog opened onClose={onClose} size="xl" title={t('units:im.title')}>
      <Text size="sm" mb="sm">
        {t('units:im.text')}
      </Text>
      <SheetFile
        file={file}
        accept=".xlsx"
        template={url('/unit-sheets/template', { lang: i18n.language })}
        limit={t('units:im.limit')}
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
            <Rows count={3} />
          </>
        )}
        {check.error && (
          <div style={{ marginTop: 12 }}>
            <ErrorState error={check.error} />
          </div>
        )}
        {result && !check.isPending && !check.error && <Result result={result} />}
      </div>
      {commit.error && (
        <div style={{ marginTop: 12 }}>
          <ErrorState error={commit.error} />
        </div>
      )}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button
          loading={commit.isPending}
          disabled={!file || !result || check.isPending || result.errors > 0 || changes === 0}
          onClick={() => {
            if (file && result) commit.mutate({ chosen: file, checked: result });
          }}
        >
          {t('units:im.commit', { count: changes })}
        </Button>
      </Group>
    </Dialog>
  );
}

function Result({ result }: { result: UnitImport }) {
  const { t } = useTranslation(['translation', 'units']);
  const counts = [
    ['new', result.new],
    ['changed', result.changed],
    ['unchanged', result.unchanged],
    ['errors', result.errors],
    ['warnings', result.warnings],
  ] as const;
  const more = result.new + result.changed - Math.min(rowsShown, result.rows.length);
  return (
    <>
      <SheetCounts counts={counts.map(([name, count]) => [t(`units:im.${name}`), count] as const)} />
      {result.errors > 0 && (
        <Text size="sm" mt="sm" fw={600}>
          {t('units:im.mend')}
        </Text>
      )}
      {result.errors === 0 && result.new + result.changed === 0 && (
        <Text size="sm" mt="sm">
          {t('units:im.nothing')}
        </Text>
      )}
      <SheetProblems problems={result.problems.map((p) => ({ sheet: p.sheet, cell: p.cell, warning: p.severity === 'warning', vi: p.textVi, en: p.textEn }))} />
      {result.rows.length > 0 && (
        <>
          <SheetPart title={t('units:im.rows')}>
            <table className="la-table">
              <thead>
                <tr>
                  <th scope="col">{t('units:name')}</th>
                  <th scope="col">{t('units:im.outcome')}</th>
                  <th scope="col">{t('units:im.changes')}</th>
                </tr>
              </thead>
              <tbody>
                {result.rows.slice(0, rowsShown).map((row) => (
                  <tr key={row.id}>
                    <td className="la-wrap">
                      {row.name}
                      <Text size="xs" className="la-dim la-mono">
                        {row.id}
                      </Text>
                    </td>
                    <td>{row.outcome === 'new' ? t('units:im.new') : t('units:im.changed')}</td>
                    <td className="la-wrap">
                      {row.changes.map((c) => (
                        <div key={c.field}>
                          {t(`units:field.${c.field as 'name'}`)}: <s>{c.from}</s> → {c.to || t('units:empty')}
                        </div>
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </SheetPart>
          {more > 0 && (
            <Text size="xs" className="la-dim">
              {t('units:im.more', { count: more })}
            </Text>
          )}
        </>
      )}
    </>
  );
}
