import { Button, Checkbox, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { assetsChanged } from '../../api/assetQueries';
import { url } from '../../api/client';
import { importRegister, type RegisterImport, systemsChanged } from '../../api/systemQueries';
import { SheetCounts, SheetFile, SheetPart, SheetProblems } from '../../kit/SheetFile';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

const rowsShown = 100;

/** A workbook of systems and assets: checked first, each cell that is wrong named, then stored. */
export function SheetDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'systems', 'kit']);
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const [skip, setSkip] = useState(false);
  const check = useMutation({ mutationFn: (chosen: File) => importRegister(chosen) });
  const commit = useMutation({
    mutationFn: ({ chosen, checked }: { chosen: File; checked: RegisterImport }) => importRegister(chosen, { sha256: checked.sha256, plan: checked.plan, skip }),
    onSuccess: async (done) => {
      await Promise.all([systemsChanged(client), assetsChanged(client)]);
      toast({ message: t('systems:im.done', { count: toStore(done) }) });
      onClose();
    },
  });
  const result = check.isPending ? undefined : check.data;
  const count = result ? toStore(result) : 0;
  return (
    <Dialog opened onClose={onClose} size="xl" title={t('systems:im.title')}>
      <Text size="sm" mb="sm">
        {t('systems:im.text')}
      </Text>
      <SheetFile
        file={file}
        accept=".xlsx"
        template={url('/system-sheets/template', { lang: i18n.language })}
        limit={t('systems:im.limit')}
        onFile={(chosen) => {
          setFile(chosen);
          setSkip(false);
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
        {check.error && <ErrorState error={check.error} />}
        {result && <Result result={result} />}
      </div>
      {result?.maySkip && (
        <Checkbox
          mt="sm"
          label={t('systems:im.skip')}
          checked={skip}
          onChange={(event) => {
            setSkip(event.currentTarget.checked);
          }}
        />
      )}
      {commit.error && <ErrorState error={commit.error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button
          loading={commit.isPending}
          disabled={!file || !result || count === 0 || (result.errors > 0 && !(result.maySkip && skip))}
          onClick={() => {
            if (file && result) commit.mutate({ chosen: file, checked: result });
          }}
        >
          {t('systems:im.commit', { count })}
        </Button>
      </Group>
    </Dialog>
  );
}

const toStore = (r: RegisterImport) => r.systems.new + r.systems.changed + r.assets.new + r.assets.changed;

const outcomes = ['new', 'changed', 'unchanged', 'leftOut'] as const;

function Result({ result }: { result: RegisterImport }) {
  const { t } = useTranslation('systems');
  const stored = result.rows.filter((row) => row.outcome !== 'left-out').slice(0, rowsShown);
  const more = toStore(result) - stored.length;
  return (
    <>
      {(['systems', 'assets'] as const).map(
        (of) =>
          outcomes.some((name) => result[of][name] > 0) && (
            <section key={of} aria-label={t(`im.${of}`)}>
              <Text size="sm" fw={600} mt="sm">
                {t(`im.${of}`)}
              </Text>
              <SheetCounts counts={outcomes.map((name) => [t(`im.${name}`), result[of][name]] as const)} />
            </section>
          ),
      )}
      {result.errors > 0 && (
        <Text size="sm" mt="sm" fw={600}>
          {t('im.mend')}
        </Text>
      )}
      {result.errors === 0 && toStore(result) === 0 && (
        <Text size="sm" mt="sm">
          {t('im.nothing')}
        </Text>
      )}
      <SheetProblems problems={result.problems.map((p) => ({ sheet: p.sheet, cell: p.cell, warning: p.severity === 'warning', vi: p.textVi, en: p.textEn }))} />
      {stored.length > 0 && (
        <SheetPart title={t('im.rows')}>
          <table className="la-table">
            <thead>
              <tr>
                <th scope="col">{t('im.what')}</th>
                <th scope="col">{t('im.outcome')}</th>
                <th scope="col">{t('im.changes')}</th>
              </tr>
            </thead>
            <tbody>
              {stored.map((row) => (
                <tr key={`${row.sheet}${String(row.row)}${row.code}`}>
                  <td className="la-wrap">
                    {row.name}
                    <Text size="xs" className="la-dim">
                      {row.code !== '' && <span className="la-mono">{row.code} · </span>}
                      {t(`im.${row.sheet}`)}
                      {row.row > 0 && `, ${t('im.row', { row: row.row })}`}
                    </Text>
                  </td>
                  <td>{row.outcome === 'new' ? t('im.new') : t('im.changed')}</td>
                  <td className="la-wrap">
                    {row.changes.map((c) => (
                      <div key={c.field} style={{ overflowWrap: 'anywhere' }}>
                        <Field sheet={row.sheet} name={c.field} />: {c.from !== '' && <s>{c.from}</s>} → {c.to || t('im.empty')}
                      </div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </SheetPart>
      )}
      {more > 0 && (
        <Text size="xs" className="la-dim">
          {t('im.more', { count: more })}
        </Text>
      )}
    </>
  );
}

/** The name of a field that changes. */
function Field({ sheet, name }: { sheet: 'systems' | 'assets'; name: string }) {
  const { t } = useTranslation('systems');
  if (sheet === 'systems') return t(`field.${name as 'name'}`);
  return name === 'kind' ? t('asset.kindName') : t(`asset.${name as 'name'}`);
}
