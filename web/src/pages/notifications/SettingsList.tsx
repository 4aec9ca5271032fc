import { Button, Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

interface Setting {
  id: string;
  name: string;
  unitName: string;
  enabled: boolean;
  editable: boolean;
  version: number;
}

interface Props<T extends Setting> {
  what: 'channels' | 'rules' | 'plans';
  icon: React.ReactNode;
  query: UseQueryResult<{ items: T[] }>;
  /** What is particular to one, for its row. */
  about: (item: T) => React.ReactNode;
  tools?: (item: T) => React.ReactNode;
  form: (item: T | undefined, save: (body: unknown) => void, state: { error: unknown; busy: boolean; cancel: () => void }) => React.ReactNode;
}

/** Channels, rules and plans are listed, made, changed and removed alike. */
export function SettingsList<T extends Setting>({ what, icon, query, about, tools, form }: Props<T>) {
  const { t } = useTranslation('notifications');
  const may = useMay();
  const client = useQueryClient();
  const { data, error, isPending, refetch } = query;
  const [editing, setEditing] = useState<{ item: T | undefined }>();
  const [removing, setRemoving] = useState<T>();
  const done = () => {
    setEditing(undefined);
    setRemoving(undefined);
    void client.invalidateQueries({ queryKey: ['notifications', what] });
  };
  const save = useMutation({
    mutationFn: (body: unknown) => {
      const id = editing?.item?.id;
      return call(`/notifications/${what}${id ? `/${encodeURIComponent(id)}` : ''}`, { method: id ? 'PUT' : 'POST', body });
    },
    onSuccess: () => {
      toast({ message: t('saved') });
      done();
    },
  });
  const edit = (item: T | undefined) => {
    save.reset();
    setEditing({ item });
  };
  const add = (
    <Button
      size="xs"
      leftSection={<IconPlus size={15} />}
      onClick={() => {
        edit(undefined);
      }}
    >
      {t('add')}
    </Button>
  );
  const manages = may('notification.manage');
  return (
    <>
      {manages && (data?.items.length ?? 0) > 0 && (
        <Group justify="flex-end" mb="sm">
          {add}
        </Group>
      )}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={4} />}
      {data?.items.length === 0 && (
        <EmptyState icon={icon} title={t(`none.${what}`)} text={t(`none.${what}Text`)}>
          {manages && <div style={{ textAlign: 'center' }}>{add}</div>}
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t(`tab.${what}`)}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('name')}</th>
                <th>{t('what')}</th>
                <th>{t('unit')}</th>
                <th>{t('state')}</th>
                <th>
                  <span className="la-hidden">{t('actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((item) => (
                <tr key={item.id}>
                  <td>{item.name}</td>
                  <td>{about(item)}</td>
                  <td>{item.unitName}</td>
                  <td>
                    <Badge tone={item.enabled ? 'ok' : 'informational'}>{t(item.enabled ? 'on' : 'off')}</Badge>
                  </td>
                  <td>
                    {item.editable && (
                      <Group gap={6} justify="flex-end" wrap="nowrap">
                        {tools?.(item)}
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => {
                            edit(item);
                          }}
                        >
                          {t('edit')}
                        </Button>
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => {
                            setRemoving(item);
                          }}
                        >
                          {t('remove')}
                        </Button>
                      </Group>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog
        opened={editing !== undefined}
        onClose={() => {
          setEditing(undefined);
        }}
        title={editing?.item?.name ?? t('add')}
        size="lg"
      >
        {editing &&
          form(
            editing.item,
            (body) => {
              save.mutate(body);
            },
            {
              error: save.error,
              busy: save.isPending,
              cancel: () => {
                setEditing(undefined);
              },
            },
          )}
      </Dialog>
      {removing && (
        <ConfirmDialog
          title={t('remove')}
          text={t('removeText', { name: removing.name })}
          confirm={t('remove')}
          danger
          onConfirm={async () => {
            await call(`/notifications/${what}/${encodeURIComponent(removing.id)}`, { method: 'DELETE', query: { version: removing.version } });
            done();
          }}
          onClose={() => {
            setRemoving(undefined);
          }}
        />
      )}
    </>
  );
}
