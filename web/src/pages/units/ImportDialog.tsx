import { Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconDownload, IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { url } from '../../api/client';
import { importUnits, type UnitImport, unitsChanged } from '../../api/unitQueries';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from './units.module.css';

const rowsShown = 100;

/** A workbook: checked first, each cell that is wrong named, then stored whole. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [over, setOver] = useState(false);
  const check = useMutation({ mutationFn: (chosen: File) => importUnits(chosen) });
  const commit = useMutation({
    mutationFn: ({ chosen, checked }: { chosen: File; checked: UnitImport }) => importUnits(chosen, { sha256: checked.sha256, tree: checked.tree }),
    onSuccess: async (done) => {
      await unitsChanged(client);
      toast({ message: t('units:im.done', { count: done.new + done.changed }) });
      onClose();
    },
  });
  const take = (chosen: File | null | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    commit.reset();
    check.mutate(chosen);
  };
  const result = check.data;
  const changes = result ? result.new + result.changed : 0;
  return (
    <Dialog opened onClose={onClose} size="xl" title={t('units:im.title')}>
      <Text size="sm" mb="sm">
        {t('units:im.text')}
      </Text>
      <div
        className={css.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <IconFileSpreadsheet size={28} aria-hidden="true" />
        {file && (
          <Text size="sm" fw={600}>
            {file.name}
          </Text>
        )}
        <Group justify="center" gap="xs" mt={4}>
          {!file && <Text size="sm">{t('units:im.drop')}</Text>}
          <Button size="xs" variant={file ? 'default' : 'filled'} data-autofocus onClick={() => picker.current?.click()}>
            {file ? t('units:im.other') : t('units:im.choose')}
          </Button>
          {file && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                take(file);
              }}
            >
              {t('units:im.again')}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            component="a"
            href={url('/unit-sheets/template', { lang: i18n.language })}
            download
            leftSection={<IconDownload size={15} />}
          >
            {t('units:im.getTemplate')}
          </Button>
        </Group>
        <Text size="xs" className="la-dim" mt={6}>
          {t('units:im.limit')}
        </Text>
        <VisuallyHidden>
          <input
            ref={picker}
            type="file"
            accept=".xlsx"
            tabIndex={-1}
            aria-label={t('units:im.choose')}
            onChange={(event) => {
              take(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </VisuallyHidden>
      </div>
      <div aria-live="polite">
        {check.isPending && (
          <>
            <Text size="sm" mt="sm">
              {t('units:im.checking')}
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
  const { t, i18n } = useTranslation(['translation', 'units']);
  const vi = i18n.language === 'vi';
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
      <div className={css.counts} style={{ marginTop: 12 }}>
        {counts.map(([name, count]) => (
          <div key={name} className={css.count}>
            <strong>{formatNumber(count, i18n.language)}</strong>
            {t(`units:im.${name}`)}
          </div>
        ))}
      </div>
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
      {result.problems.length > 0 && (
        <>
          <h3 className={css.part}>{t('units:im.problems')}</h3>
          <div className={css.scroll} tabIndex={0} role="region" aria-label={t('units:im.problems')}>
            <table className="la-table">
              <thead>
                <tr>
                  <th>{t('units:im.sheet')}</th>
                  <th>{t('units:im.cell')}</th>
                  <th>{t('units:im.problem')}</th>
                </tr>
              </thead>
              <tbody>
                {result.problems.map((p, i) => (
                  <tr key={i}>
                    <td>{p.sheet}</td>
                    <td className="la-mono">{p.cell}</td>
                    <td className="la-wrap">
                      <Badge tone={p.severity === 'error' ? 'high' : 'low'}>{t(`units:im.${p.severity}`)}</Badge> {vi ? p.textVi : p.textEn}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {result.rows.length > 0 && (
        <>
          <h3 className={css.part}>{t('units:im.rows')}</h3>
          <div className={css.scroll} tabIndex={0} role="region" aria-label={t('units:im.rows')}>
            <table className="la-table">
              <thead>
                <tr>
                  <th>{t('units:name')}</th>
                  <th>{t('units:im.outcome')}</th>
                  <th>{t('units:im.changes')}</th>
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
          </div>
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
