import { ActionIcon, Alert, Anchor, Button, Checkbox, Group, NumberInput, Radio, Stack, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, call, url } from '../../api/client';
import { type Asked, exportsQuery, isUnderWay } from '../../api/searchQueries';
import type { Export } from '../../api/types';
import { formatBytes, formatNumber } from '../../lib/format';
import { isTable } from '../../lib/queryText';
import { formatTime } from '../../lib/time';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/errors';
import { ErrorState } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './lists.module.css';

const mostRows = 1_000_000;
const path = (id: string) => `/search/exports/${encodeURIComponent(id)}`;

interface Props {
  asked: Asked;
  order: 'asc' | 'desc';
  /** Fields that are shown as columns. */
  columns: readonly string[];
  total: number | undefined;
  onClose: () => void;
}

/** Writing what was found to a file: the server works on it, and goes on when this page is closed. */
export function ExportDialog({ asked, order, columns, total, onClose }: Props) {
  const { t, i18n } = useTranslation('search');
  const client = useQueryClient();
  const [format, setFormat] = useState<'csv' | 'ndjson'>('csv');
  const [only, setOnly] = useState(false);
  const [limit, setLimit] = useState(mostRows);
  const { data, error } = useQuery(exportsQuery);
  const start = useMutation({
    mutationFn: () =>
      call<Export>('/search/exports', {
        method: 'POST',
        body: { ...asked, format, limit, order, ...(only && { columns: ['time', ...columns] }) },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: exportsQuery.queryKey }),
  });
  const table = isTable(asked.query);
  return (
    <Dialog opened onClose={onClose} title={t('export.title')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm" className="la-wrap">
            <code>{asked.query === '' ? t('everything') : asked.query}</code>
            <br />
            <span className="la-dim la-num">
              {formatTime(asked.from)} – {formatTime(asked.to)}
              {total !== undefined && ` · ${t('found', { count: total, n: formatNumber(total, i18n.language) })}`}
            </span>
          </Text>
          <Radio.Group
            label={t('export.format')}
            value={format}
            onChange={(value) => {
              setFormat(value === 'ndjson' ? 'ndjson' : 'csv');
            }}
          >
            <Group mt={6}>
              <Radio value="csv" label={t('csv')} />
              <Radio value="ndjson" label={t('ndjson')} />
            </Group>
          </Radio.Group>
          {!table && columns.length > 0 && (
            <Checkbox
              label={t('export.onlyColumns', { columns: columns.join(', ') })}
              checked={only}
              onChange={(event) => {
                setOnly(event.currentTarget.checked);
              }}
            />
          )}
          {!table && (
            <NumberInput
              label={t('export.limit')}
              description={t('export.limitText', { n: formatNumber(mostRows, i18n.language) })}
              min={1}
              max={mostRows}
              thousandSeparator={i18n.language === 'vi' ? '.' : ','}
              decimalSeparator={i18n.language === 'vi' ? ',' : '.'}
              allowDecimal={false}
              value={limit}
              onChange={(value) => {
                setLimit(Math.min(mostRows, Math.max(1, Number(value) || mostRows)));
              }}
            />
          )}
          {total !== undefined && total > limit && !table && (
            <Alert color="yellow" variant="light" p="xs">
              {t('exportLimit', { n: formatNumber(limit, i18n.language) })}
            </Alert>
          )}
          {start.error && <ErrorState error={start.error} />}
          <Group justify="flex-end">
            <Button type="submit" leftSection={<IconDownload size={16} />} loading={start.isPending}>
              {t('export.start')}
            </Button>
          </Group>
        </Stack>
      </form>
      {error && <ErrorState error={error} />}
      {data && data.items.length > 0 && (
        <>
          <Text fw={620} size="sm" mt="md" mb={4}>
            {t('export.list')}
          </Text>
          <ul className={css.list} aria-label={t('export.list')}>
            {data.items.map((job) => (
              <Job key={job.id} job={job} />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Job({ job }: { job: Export }) {
  const { t, i18n } = useTranslation('search');
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: exportsQuery.queryKey });
  const cancel = useMutation({ mutationFn: () => call(`${path(job.id)}/cancel`, { method: 'POST' }), onSettled: settle });
  const remove = useMutation({ mutationFn: () => call(path(job.id), { method: 'DELETE' }), onSettled: settle });
  const number = (n: number) => formatNumber(n, i18n.language);
  const percent = Math.min(100, Math.max(0, Math.floor(job.percent)));
  const running = isUnderWay(job);
  const errorText = useErrorText();
  const reason = job.errorCode ? errorText(new ApiError(500, { code: job.errorCode })).title : (job.error ?? '');
  return (
    <li>
      <div className={css.job}>
        <code className="la-clip">{job.query === '' ? t('everything') : job.query}</code>
        <span className={css.meta}>
          {job.format.toUpperCase()} · <Ago at={job.createdAt} /> · {t(`export.${job.state}`)}
          {job.state === 'done' && ` · ${t('tableRows', { count: job.rowsDone, n: number(job.rowsDone) })} · ${formatBytes(job.bytes, i18n.language)}`}
          {job.state === 'running' && job.rowsTotal !== null && ` · ${t('export.rows', { done: number(job.rowsDone), all: number(job.rowsTotal) })}`}
          {job.state === 'running' && job.etaSeconds !== null && ` · ${t('export.eta', { n: number(Math.ceil(job.etaSeconds)) })}`}
          {job.state === 'failed' && reason !== '' && ` · ${reason}`}
        </span>
        {running && (
          <div className={css.progress} role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-label={t('export.progress', { percent })}>
            <span style={{ width: `${String(percent)}%` }} />
          </div>
        )}
        {job.partial && (
          <span style={{ color: 'var(--la-high)', fontSize: 12 }}>
            {t('partial')} {job.partial}
          </span>
        )}
      </div>
      {running && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerStop size={15} />}
          onClick={() => {
            cancel.mutate();
          }}
        >
          {t('export.cancel')}
        </Button>
      )}
      {job.state === 'done' && (
        <Anchor href={url(`${path(job.id)}/file`)} download={job.fileName} size="sm" fw={600}>
          {t('export.download')}
        </Anchor>
      )}
      {!running && (
        <Tooltip label={t('export.remove')}>
          <ActionIcon
            aria-label={t('export.removeOf', { name: job.fileName })}
            onClick={() => {
              remove.mutate();
            }}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
