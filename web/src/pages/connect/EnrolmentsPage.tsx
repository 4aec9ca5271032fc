import '../../i18n/connect';

import { Select, Text } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { devicesQuery, type Enrolment, enrolmentsQuery, revokeEnrolment } from '../../api/enrolQueries';
import { useMay } from '../../app/session';
import { runBulk } from '../../kit/bulk';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { by } from '../../kit/text';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { Ago, Time } from '../../ui/Time';
import { EnrolmentView } from './EnrolmentView';

const route = getRouteApi('/sources/enrolments');
const states = ['waiting', 'active', 'expired', 'revoked'] as const;
const tones = { waiting: 'low', active: 'ok', expired: 'high', revoked: 'informational' } as const;
const idOf = (e: Enrolment) => e.id;
const nameOf = (e: Enrolment) => e.name;
const none: Enrolment[] = [];

export function EnrolmentsPage() {
  const { t } = useTranslation(['translation', 'connect']);
  const { status, q, soon, id, sort, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const mayAdd = useMay()('enrol.manage');
  const query = useQuery(enrolmentsQuery({ status, q, soon, unit }));
  const client = useQueryClient();
  const [revoking, setRevoking] = useState<Enrolment[]>();
  const columns = useColumns();
  const add = mayAdd && (
    <LinkButton to="/sources/connect" size="xs" leftSection={<IconPlus size={15} />}>
      {t('connect:new')}
    </LinkButton>
  );
  return (
    <>
      <ListPage
        title={t('connect:list')}
        tools={
          <>
            <Link to="/sources">{t('connect:sources')}</Link>
            {add}
          </>
        }
        items={query.data?.items ?? none}
        id={idOf}
        name={nameOf}
        columns={columns}
        query={query}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('connect:search')}
              onChange={(text) => void navigate({ search: (old) => ({ ...old, q: text }), replace: true })}
            />
            <Select
              size="xs"
              aria-label={t('connect:state')}
              data={[
                { value: '', label: t('connect:all') },
                ...states.map((value) => ({ value, label: t(`connect:status.${value}`) })),
                { value: 'soon', label: t('connect:soon') },
              ]}
              value={soon ? 'soon' : (status ?? '')}
              onChange={(value) =>
                void navigate({
                  search: (old) => ({
                    ...old,
                    status: value && value !== 'soon' ? value : undefined,
                    soon: value === 'soon' ? '1' : undefined,
                  }),
                  replace: true,
                })
              }
              allowDeselect={false}
            />
          </>
        }
        filtered={status !== undefined || q !== undefined || soon !== undefined || unit !== undefined}
        onClear={() => void navigate({ search: { unit: undefined }, replace: true })}
        empty={
          <EmptyState icon={<IconPlugConnected size={34} />} title={t('connect:none')} text={t('connect:noneText')}>
            {add}
          </EmptyState>
        }
        sort={sort}
        onSort={(next) => void navigate({ search: (old) => ({ ...old, sort: next }), replace: true })}
        open={id}
        onOpen={(chosen) => void navigate({ search: (old) => ({ ...old, id: chosen }), replace: id !== undefined })}
        panel={(chosen) => <EnrolmentView key={chosen} id={chosen} mayChange={mayAdd} />}
        bulk={mayAdd ? [{ id: 'revoke', name: t('connect:revoke'), look: 'danger', all: setRevoking, fits: (e) => e.status !== 'revoked' }] : []}
      />
      {revoking && (
        <ConfirmDialog
          title={t('connect:revoke')}
          text={t('connect:revokeText', { name: revoking.map(nameOf).join(', ') })}
          confirm={t('connect:revoke')}
          danger
          reason="required"
          reasonHint={t('connect:reasonExample')}
          onConfirm={async (reason) => {
            const { failed } = await runBulk(revoking, { run: (e) => revokeEnrolment(e.id, reason) });
            await client.invalidateQueries({ queryKey: ['enrolments'] });
            if (failed[0]) throw failed[0].error;
          }}
          onClose={() => {
            setRevoking(undefined);
          }}
        />
      )}
    </>
  );
}

function useColumns(): Column<Enrolment>[] {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const devices = useQuery(devicesQuery);
  const names = new Map((devices.data?.items ?? []).map((d) => [d.id, i18n.language === 'vi' ? d.name.vi : d.name.en]));
  const ms = (at: string | null | undefined) => (at ? Date.parse(at) : Number.MAX_SAFE_INTEGER);
  return [
    {
      id: 'state',
      name: t('connect:state'),
      cell: (e) => (
        <Badge tone={tones[e.status]} round>
          {t(`connect:status.${e.status}`)}
        </Badge>
      ),
    },
    {
      id: 'name',
      name: t('connect:name'),
      main: true,
      compare: by(nameOf),
      cell: (e) => (
        <>
          {e.name}
          <Text size="xs" className="la-dim" component="div">
            {names.get(e.device) ?? e.device}
          </Text>
        </>
      ),
    },
    { id: 'unit', name: t('connect:unit'), from: 'sm', compare: by((e) => e.unitName || e.unit), cell: (e) => e.unitName || e.unit },
    { id: 'credential', name: t('connect:credential'), from: 'lg', cell: (e) => t(`connect:credentials.${e.credential}`) },
    { id: 'seen', name: t('connect:lastSeen'), cell: (e) => (e.lastSeen ? <Ago at={e.lastSeen} /> : t('connect:never')) },
    {
      id: 'events',
      name: t('connect:events'),
      from: 'md',
      number: true,
      greatestFirst: true,
      compare: (a, b) => a.events - b.events,
      cell: (e) => formatNumber(e.events, i18n.language),
    },
    {
      id: 'expires',
      name: t('connect:expires'),
      from: 'md',
      compare: (a, b) => ms(a.expiresAt) - ms(b.expiresAt),
      cell: (e) => (e.expiresAt ? <Time at={e.expiresAt} /> : t('connect:noEnd')),
    },
  ];
}
