import '@mantine/core/styles/Progress.css';
import '../../i18n/upload';

import { Button, Drawer, Select, Text } from '@mantine/core';
import { IconFileUpload, IconFilter } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Upload, uploadsQuery } from '../../api/uploadQueries';
import { useMay } from '../../app/session';
import { formatBytes, formatNumber } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import { UploadDetail } from './UploadDetail';
import { UploadDrop } from './UploadDrop';
import { UploadState } from './UploadState';

const route = getRouteApi('/sources/uploads');
const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

export function UploadsPage() {
  const { t } = useTranslation(['translation', 'upload']);
  const { status = '', id } = route.useSearch();
  const navigate = route.useNavigate();
  const uploads = useInfiniteQuery(uploadsQuery(status));
  const items = uploads.data?.pages.flatMap((p) => p.items) ?? [];
  const [stopping, setStopping] = useState<Upload | null>(null);
  const open = (chosen: string | undefined) => void navigate({ search: (old) => ({ ...old, id: chosen }) });
  const mayAdd = useMay()('upload.add');
  return (
    <div className={page.page}>
      <PageHeader title={t('upload:title')}>
        <Link to="/sources">{t('upload:back')}</Link>
      </PageHeader>
      {mayAdd && (
        <div className="la-card" style={{ marginBottom: 12 }}>
          <UploadDrop limits={uploads.data?.pages[0]?.limits} onOpen={open} />
        </div>
      )}
      <div className="la-card">
        <div className={page.bar}>
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
        </div>
        {uploads.error && !uploads.data && <ErrorState error={uploads.error} retry={() => void uploads.refetch()} />}
        {uploads.isPending && <Rows count={4} />}
        {uploads.data && items.length === 0 && (
          <EmptyState
            icon={status ? <IconFilter size={30} /> : <IconFileUpload size={34} />}
            title={status ? t('upload:noMatch') : t('upload:none')}
            text={status ? t('upload:noMatchText') : t('upload:noneText')}
          />
        )}
        {items.length > 0 && <UploadTable items={items} mayStop={mayAdd} onOpen={open} onStop={setStopping} />}
        {uploads.hasNextPage && (
          <Button variant="subtle" fullWidth loading={uploads.isFetchingNextPage} onClick={() => void uploads.fetchNextPage()}>
            {t('upload:more')}
          </Button>
        )}
      </div>
      <Drawer
        opened={id !== undefined}
        onClose={() => {
          open(undefined);
        }}
        position="right"
        size="lg"
        title={t('upload:detail')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {id && <UploadDetail id={id} />}
      </Drawer>
      <StopDialog
        upload={stopping}
        onDone={() => {
          setStopping(null);
        }}
      />
    </div>
  );
}

interface TableProps {
  items: Upload[];
  mayStop: boolean;
  onOpen: (id: string) => void;
  onStop: (upload: Upload) => void;
}

function UploadTable({ items, mayStop, onOpen, onStop }: TableProps) {
  const { t, i18n } = useTranslation(['translation', 'upload']);
  const number = (n: number) => formatNumber(n, i18n.language);
  return (
    <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('upload:history')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('upload:state')}</th>
            <th>{t('upload:file')}</th>
            <th>{t('upload:unit')}</th>
            <th style={{ textAlign: 'right' }}>{t('upload:records')}</th>
            <th style={{ textAlign: 'right' }}>{t('upload:problems')}</th>
            <th>{t('upload:who')}</th>
            <th>
              <span className="la-hidden">{t('upload:cancel')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((upload) => (
            <tr key={upload.id}>
              <td>
                <UploadState upload={upload} />
              </td>
              <td className="la-wrap">
                <Button
                  variant="subtle"
                  size="compact-sm"
                  px={0}
                  aria-label={t('upload:open', { name: upload.name })}
                  onClick={() => {
                    onOpen(upload.id);
                  }}
                >
                  {upload.name}
                </Button>
                <Text size="xs" className="la-dim">
                  {t(`upload:kinds.${upload.kind}`)} · {formatBytes(upload.size, i18n.language)}
                </Text>
              </td>
              <td>{upload.unitName || upload.unit}</td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {number(upload.stored)}
              </td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {number(upload.problems)}
              </td>
              <td>
                {upload.by}
                <Text size="xs" className="la-dim">
                  <Ago at={upload.createdAt} />
                </Text>
              </td>
              <td>
                {mayStop && (upload.status === 'waiting' || upload.status === 'running') && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={t('upload:cancelOf', { name: upload.name })}
                    onClick={() => {
                      onStop(upload);
                    }}
                  >
                    {t('upload:cancel')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StopDialog({ upload, onDone }: { upload: Upload | null; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'upload']);
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: (id: string) => call(`/uploads/${encodeURIComponent(id)}/cancel`, { method: 'POST' }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['uploads'] });
      onDone();
    },
  });
  return (
    <Dialog opened={upload !== null} onClose={onDone} title={t('upload:cancel')}>
      {stop.isError && <ErrorState error={stop.error} />}
      <Text size="sm">{upload && t('upload:cancelText', { name: upload.name })}</Text>
      <Button
        mt="md"
        color="red"
        loading={stop.isPending}
        onClick={() => {
          if (upload) stop.mutate(upload.id);
        }}
      >
        {t('upload:cancel')}
      </Button>
    </Dialog>
  );
}
