import { Button, Group, MultiSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { holdsQuery, type Hold } from '../../api/evidenceQueries';
import { unitsQuery } from '../../api/queries';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';

export function Holds() {
  const { t } = useTranslation(['translation', 'admin']);
  const { data, error, isPending, refetch } = useQuery(holdsQuery);
  const units = useQuery(unitsQuery);
  const [adding, dialog] = useDisclosure();
  const [releasing, setReleasing] = useState<Hold | null>(null);
  const names = new Map((units.data?.items ?? []).map((u) => [u.id as string, u.name]));
  return (
    <>
      <div className={page.bar}>
        <Stack gap={2} style={{ flex: 1 }}>
          <Text fw={600} component="h2">
            {t('admin:hold.title')}
          </Text>
          <Text size="sm" className="la-dim">
            {t('admin:hold.text')}
          </Text>
        </Stack>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open}>
          {t('admin:hold.add')}
        </Button>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={2} />}
      {data && data.items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:hold.title')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:hold.reason')}</th>
                <th>{t('admin:hold.covers')}</th>
                <th>{t('admin:hold.by')}</th>
                <th>{t('admin:state')}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((hold) => (
                <tr key={hold.id}>
                  <td className="la-wrap">{hold.reason}</td>
                  <td className="la-wrap">
                    {[hold.units.map((u) => names.get(u) ?? u).join(', ') || t('admin:allUnits'), hold.hosts.join(', '), hold.query]
                      .filter(Boolean)
                      .join(' · ')}
                    {(hold.from ?? hold.to) && (
                      <Text size="xs" className="la-dim">
                        {hold.from ? <Time at={hold.from} /> : '…'} – {hold.to ? <Time at={hold.to} /> : '…'}
                      </Text>
                    )}
                  </td>
                  <td>
                    {hold.by}
                    <Text size="xs" className="la-dim">
                      <Time at={hold.at} />
                    </Text>
                  </td>
                  <td>
                    {hold.releasedAt ? (
                      <Text size="sm" className="la-dim la-wrap">
                        {t('admin:hold.released')} <Time at={hold.releasedAt} />, {hold.releasedBy}: {hold.releaseReason}
                      </Text>
                    ) : (
                      <Group gap="xs">
                        <Badge tone="ok">{t('admin:hold.active')}</Badge>
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`${t('admin:hold.release')}: ${hold.reason}`}
                          onClick={() => {
                            setReleasing(hold);
                          }}
                        >
                          {t('admin:hold.release')}
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
      <Dialog opened={adding} onClose={dialog.close} title={t('admin:hold.add')}>
        <HoldForm onDone={dialog.close} />
      </Dialog>
      <Dialog
        opened={releasing !== null}
        onClose={() => {
          setReleasing(null);
        }}
        title={t('admin:hold.releaseTitle')}
      >
        {releasing && (
          <ReleaseForm
            hold={releasing}
            onDone={() => {
              setReleasing(null);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

const moment = (local: string) => (local ? new Date(local).toISOString() : undefined);

function HoldForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery);
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [hosts, setHosts] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [query, setQuery] = useState('');
  const add = useMutation({
    mutationFn: () =>
      call('/holds', {
        method: 'POST',
        body: {
          reason: reason.trim(),
          units: chosen,
          hosts: hosts.split(/[\s,;]+/).filter(Boolean),
          query: query.trim(),
          ...(from && { from: moment(from) }),
          ...(to && { to: moment(to) }),
        },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: holdsQuery.queryKey });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack gap="sm">
        {add.isError && <ErrorState error={add.error} />}
        <TextInput
          label={t('admin:hold.reason')}
          placeholder={t('admin:hold.reasonExample')}
          required
          withAsterisk={false}
          data-autofocus
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
        <MultiSelect
          label={t('admin:unit')}
          placeholder={chosen.length === 0 ? t('admin:allUnits') : undefined}
          data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name }))}
          value={chosen}
          onChange={setChosen}
          searchable
        />
        <TextInput
          label={t('admin:hold.hosts')}
          description={t('admin:hold.hostsText')}
          value={hosts}
          onChange={(event) => {
            setHosts(event.currentTarget.value);
          }}
        />
        <Group grow>
          <TextInput
            type="datetime-local"
            label={t('admin:hold.from')}
            value={from}
            onChange={(event) => {
              setFrom(event.currentTarget.value);
            }}
          />
          <TextInput
            type="datetime-local"
            label={t('admin:hold.to')}
            value={to}
            onChange={(event) => {
              setTo(event.currentTarget.value);
            }}
          />
        </Group>
        <TextInput
          label={t('admin:hold.query')}
          description={t('admin:hold.queryText')}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
          }}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('admin:hold.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ReleaseForm({ hold, onDone }: { hold: Hold; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const release = useMutation({
    mutationFn: () => call(`/holds/${encodeURIComponent(hold.id)}/release`, { method: 'POST', body: { reason: reason.trim() } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: holdsQuery.queryKey });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        release.mutate();
      }}
    >
      <Stack gap="sm">
        {release.isError && <ErrorState error={release.error} />}
        <Text size="sm">{t('admin:hold.releaseText', { reason: hold.reason })}</Text>
        <Textarea
          label={t('admin:hold.releaseReason')}
          required
          withAsterisk={false}
          data-autofocus
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" color="red" loading={release.isPending}>
            {t('admin:hold.release')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
