// The parts of a dialog that takes a table people bring: the file, the counts of what
// would become of it, and the problems by cell.
import '../i18n/kit';

import { Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { IconDownload, IconFileSpreadsheet } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '../lib/format';
import { Badge } from '../ui/Badge';
import css from './sheet.module.css';

interface FileProps {
  file: File | undefined;
  /** What the file picker offers: ".xlsx,.csv". */
  accept: string;
  /** Address of the template. */
  template: string;
  /** Called with each file chosen or dropped, and with the same one to check it again. */
  onFile: (file: File) => void;
  /** What a file may be, under the buttons. */
  limit?: string;
}

/** A place to drop a file or choose one; the template is at hand. */
export function SheetFile({ file, accept, template, onFile, limit }: FileProps) {
  const { t } = useTranslation('kit');
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (chosen: File | null | undefined) => {
    if (chosen) onFile(chosen);
  };
  return (
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
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {file.name}
        </Text>
      )}
      <Group justify="center" gap="xs" mt={4}>
        {!file && <Text size="sm">{t('sheetFile.drop')}</Text>}
        <Button size="xs" variant={file ? 'default' : 'filled'} data-autofocus onClick={() => picker.current?.click()}>
          {file ? t('sheetFile.other') : t('sheetFile.choose')}
        </Button>
        {file && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              take(file);
            }}
          >
            {t('sheetFile.again')}
          </Button>
        )}
        <Button size="xs" variant="subtle" component="a" href={template} download leftSection={<IconDownload size={15} />}>
          {t('sheetFile.template')}
        </Button>
      </Group>
      {limit && (
        <Text size="xs" className="la-dim" mt={6}>
          {limit}
        </Text>
      )}
      <VisuallyHidden>
        <input
          ref={picker}
          type="file"
          accept={accept}
          tabIndex={-1}
          aria-label={t('sheetFile.choose')}
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </VisuallyHidden>
    </div>
  );
}

/** How many rows become what. */
export function SheetCounts({ counts }: { counts: readonly (readonly [name: string, count: number])[] }) {
  const { i18n } = useTranslation();
  return (
    <div className={css.counts}>
      {counts.map(([name, count]) => (
        <div key={name} className={css.count}>
          <strong>{formatNumber(count, i18n.language)}</strong>
          {name}
        </div>
      ))}
    </div>
  );
}

export interface SheetProblem {
  sheet?: string;
  cell: string;
  warning: boolean;
  vi: string;
  en: string;
}

/** What is wrong with a file, by cell. */
export function SheetProblems({ problems }: { problems: readonly SheetProblem[] }) {
  const { t, i18n } = useTranslation('kit');
  if (problems.length === 0) return null;
  const sheets = problems.some((p) => p.sheet);
  return (
    <SheetPart title={t('sheetFile.problems')}>
      <table className="la-table">
        <thead>
          <tr>
            {sheets && <th scope="col">{t('sheetFile.sheet')}</th>}
            <th scope="col">{t('sheetFile.cell')}</th>
            <th scope="col">{t('sheetFile.problem')}</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((p, i) => (
            <tr key={i}>
              {sheets && <td>{p.sheet}</td>}
              <td className="la-mono">{p.cell}</td>
              <td className="la-wrap">
                <Badge tone={p.warning ? 'low' : 'high'}>{t(p.warning ? 'sheetFile.warning' : 'sheetFile.error')}</Badge> {i18n.language === 'vi' ? p.vi : p.en}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </SheetPart>
  );
}

/** A long table of a dialog, which scrolls by itself. */
export function SheetPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3 className={css.part}>{title}</h3>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </>
  );
}
