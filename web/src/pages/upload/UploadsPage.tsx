import '../../i18n/upload';

import { Select, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Upload, uploadsQuery } from '../../api/uploadQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { type BulkAction, type Column, ListPage } from '../../kit/ListPage';
import { formatBytes, formatNumber } from '../../lib/format';
import { Ago } from '../../ui/Time';
import { UploadDetail } from './UploadDetail';
import { UploadDrop } from './UploadDrop';
import { UploadState } from './UploadState';

const route = getRouteApi('/sources/uploads');
const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
const idOf = (upload: Upload) => upload.id;
const nameOf = (upload: Upload) => upload.name;
const stoppable = (upload: Upload) => upload.status === 'waiting' || upload.status === 'running';

export function UploadsPage() {
  const { t } = useTranslation(['translation', 'upload']);
  const { status = '', id, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const mayAdd = useMay()('upload.add');
  const uploads = useInfiniteQuery(uploadsQuery(status, unit));
  const items = useMemo(() => uploads.data?.pages.flatMap((p) => p.items) ?? [], [uploads.data]);
  const [stopping, setStopping] = useState<Upload[]>();
  const columns = useColumns();
  const open = (chosen: string | undefined) => void navigate({ search: (old) => ({ ...old, id: chosen }), replace: id !== undefined });
  const bulk: BulkAction<Upload>[] = mayAdd ? [{ id: 'stop', name: t('upload:cancel'), key: 's', all: setStopping, fits: stoppable }] : [];
  return (
    <>
      <ListPage
        title={t('upload:title')}
        label={t('upload:history')}
        tools={<Link to="/sources">{t('upload:back')}</Link>}
        items={items}
        id={idOf}
        name={nameOf}
        columns={columns}
        query={uploads}
        filters={
          <>
            <Text fw={600} component="h2" style={{ flex: 1 }}>
              {t('upload:history')}
            </Text>
            <Select
              size="xs"
              aria-label={t('upload:state')}
              data={[{ value: '', label: t('upload:all') }, ...states.map((value) => ({ value, label: t(`upload:status.${value}`) }))]}
              value={status}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, status: value ?? undefined }), replace: true })}
              allowDeselect={false}
            />
          </>
        }
        filtered={status !== '' || unit !== undefined}
        onClear={() => void navigate({ search: { unit: undefined }, replace: true })}
        empty={<EmptyState icon={<IconFileUpload size={34} />} title={t('upload:none')} text={t('upload:noneText')} />}
        open={id}
        onOpen={open}
        panel={(chosen) => <UploadDetail id={chosen} />}
        bulk={bulk}
        more={{ has: uploads.hasNextPage, loading: uploads.isFetchingNextPage, load: uploads.fetchNextPage }}
      >
        {mayAdd && (
          <div className="la-card" style={{ marginBottom: 12 }}>
            <UploadDrop limits={uploads.data?.pages[0]?.limits} onOpen={open} />
          </div>
        )}
      </ListPage>
      {stopping && (
        <ConfirmDialog
          title={t('upload:cancel')}
          text={t('upload:cancelText', { name: stopping.map(nameOf).join(', ') })}
          confirm={t('upload:cancel')}
          danger
          onConfirm={async () => {
            await Promise.all(stopping.map((upload) => call(`/uploads/${encodeURIComponent(upload.id)}/cancel`, { method: 'POST' })));
            await client.invalidateQueries({ queryKey: ['uploads'] });
          }}
          onClose={() => {
            setStopping(undefined);
          }}
        />
      )}
    </>
  );
}

function useColumns(): Column<Upload>[] {
  const { t, i18n } = useTranslation(['translation', 'upload']);
  const number = (n: number) => formatNumber(n, i18n.language);
  return [
    { id: 'state', name: t('upload:state'), cell: (upload) => <UploadState upload={upload} /> },
    {
      id: 'file',
      name: t('upload:file'),
      main: true,
      cell: (upload) => (
        <>
          {upload.name}
          <Text size="xs" className="la-dim" component="div">
            {t(`upload:kinds.${upload.kind}`)} · {formatBytes(upload.size, i18n.language)}
          </Text>
        </>
      ),
    },
    { id: 'unit', name: t('upload:unit'), from: 'sm', cell: (upload) => upload.unitName || upload.unit },
    { id: 'records', name: t('upload:records'), number: true, cell: (upload) => number(upload.stored) },
    { id: 'problems', name: t('upload:problems'), from: 'sm', number: true, cell: (upload) => number(upload.problems) },
    {
      id: 'who',
      name: t('upload:who'),
      from: 'md',
      cell: (upload) => (
        <>
          {upload.by}
          <Text size="xs" className="la-dim" component="div">
            <Ago at={upload.createdAt} />
          </Text>
        </>
      ),
    },
  ];
}
