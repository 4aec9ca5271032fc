import { Button, MultiSelect, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconGavel, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { holdsQuery, type Hold } from '../../api/evidenceQueries';
import { unitsQuery } from '../../api/queries';
import { useMay } from '../../app/session';
import { runBulk } from '../../kit/bulk';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { DateRange, type Range } from '../../kit/DateRange';
import { EmptyState } from '../../kit/EmptyState';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { by } from '../../kit/text';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { Time } from '../../ui/Time';

const idOf = (hold: Hold) => hold.id;
const reasonOf = (hold: Hold) => hold.reason;
const none: Hold[] = [];

/** What is kept as evidence, whatever its age. */
export function Holds() {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const query = useQuery(holdsQuery);
  const units = useQuery(unitsQuery);
  const may = useMay();
  const [adding, dialog] = useDisclosure();
  const [releasing, setReleasing] = useState<Hold[]>();
  const names = new Map((units.data?.items ?? []).map((u) => [u.id as string, u.name]));
  const columns: Column<Hold>[] = [
    { id: 'reason', name: t('admin:hold.reason'), main: true, compare: by(reasonOf), cell: reasonOf },
    {
      id: 'covers',
      name: t('admin:hold.covers'),
      cell: (hold) => (
        <>
          {[hold.units.map((u) => names.get(u) ?? u).join(', ') || t('admin:allUnits'), hold.hosts.join(', '), hold.query]
            .filter(Boolean)
            .join(' · ')}
          {(hold.from ?? hold.to) && (
            <Text size="xs" className="la-dim" component="div">
              {hold.from ? <Time at={hold.from} /> : '…'} – {hold.to ? <Time at={hold.to} /> : '…'}
            </Text>
          )}
        </>
      ),
    },
    {
      id: 'by',
      name: t('admin:hold.by'),
      from: 'md',
      cell: (hold) => (
        <>
          {hold.by}
          <Text size="xs" className="la-dim" component="div">
            <Time at={hold.at} />
          </Text>
        </>
      ),
    },
    {
      id: 'state',
      name: t('admin:state'),
      cell: (hold) =>
        hold.releasedAt ? (
          <span className="la-dim">
            {t('admin:hold.released')} <Time at={hold.releasedAt} />, {hold.releasedBy}: {hold.releaseReason}
          </span>
        ) : (
          <Badge tone="ok">{t('admin:hold.active')}</Badge>
        ),
    },
  ];
  const add = may('hold.add') && (
    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open}>
      {t('admin:hold.add')}
    </Button>
  );
  return (
    <>
      <List
        label={t('admin:hold.title')}
        items={query.data?.items ?? none}
        id={idOf}
        name={reasonOf}
        columns={columns}
        query={query}
        filters={
          <>
            <Text size="sm" className="la-dim" style={{ flex: '1 1 240px' }}>
              {t('admin:hold.text')}
            </Text>
            {add}
          </>
        }
        empty={
          <EmptyState icon={<IconGavel size={34} />} title={t('admin:hold.none')} text={t('admin:hold.noneText')}>
            {add}
          </EmptyState>
        }
        bulk={
          may('hold.release')
            ? [{ id: 'release', name: t('admin:hold.release'), look: 'danger', all: setReleasing, fits: (hold) => !hold.releasedAt }]
            : []
        }
      />
      <Dialog opened={adding} onClose={dialog.close} title={t('admin:hold.add')}>
        <HoldForm onDone={dialog.close} />
      </Dialog>
      {releasing && (
        <ConfirmDialog
          title={t('admin:hold.releaseTitle')}
          text={t('admin:hold.releaseText', { reason: releasing.map(reasonOf).join('”, “') })}
          confirm={t('admin:hold.release')}
          danger
          reason="required"
          onConfirm={async (reason) => {
            const { failed } = await runBulk(releasing, {
              run: (hold) => call(`/holds/${encodeURIComponent(hold.id)}/release`, { method: 'POST', body: { reason } }),
            });
            await client.invalidateQueries({ queryKey: holdsQuery.queryKey });
            if (failed[0]) throw failed[0].error;
          }}
          onClose={() => {
            setReleasing(undefined);
          }}
        />
      )}
    </>
  );
}

function HoldForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery);
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [hosts, setHosts] = useState('');
  const [range, setRange] = useState<Range>({});
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
          ...(range.from && { from: range.from }),
          ...(range.to && { to: range.to }),
        },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: holdsQuery.queryKey });
      onDone();
    },
  });
  const fieldError = useFieldErrors(add.error);
  return (
    <Form error={add.error} fields={['reason', 'hosts', 'from', 'to', 'query']} submit={t('admin:hold.save')} busy={add.isPending} onCancel={onDone} onSubmit={add.mutate}>
      <TextInput
        label={t('admin:hold.reason')}
        error={fieldError('reason')}
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
        error={fieldError('hosts')}
        description={t('admin:hold.hostsText')}
        value={hosts}
        onChange={(event) => {
          setHosts(event.currentTarget.value);
        }}
      />
      <DateRange value={range} onChange={setRange} labels={{ from: t('admin:hold.from'), to: t('admin:hold.to') }} />
      <TextInput
        label={t('admin:hold.query')}
        error={fieldError('query')}
        description={t('admin:hold.queryText')}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
        }}
      />
    </Form>
  );
}
